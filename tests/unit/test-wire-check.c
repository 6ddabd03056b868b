/* SPDX-License-Identifier: MIT */
#include "broker/base/wire.h"
#include "tests/unit/table.h"

#include <string.h>

static const WireField part[] = {
  { "id", WIRE_INTEGER, TRUE, 1, 9, NULL },
  { "inner", WIRE_STRINGS, FALSE, 1, 0, NULL },
};

static const WireField fields[] = {
  { "name", WIRE_STRING, TRUE, 1, 8, NULL },
  { "note", WIRE_STRING, FALSE, 0, 8, NULL },
  { "code", WIRE_STRING, FALSE, 4, 4, NULL },
  { "long", WIRE_STRING, FALSE, 2, 0, NULL },
  { "text", WIRE_STRING, FALSE, 0, 0, NULL },
  { "ttl", WIRE_INTEGER, FALSE, 1, 86400, NULL },
  { "offset", WIRE_INTEGER, FALSE, -5, G_MAXINT64, NULL },
  { "all", WIRE_BOOLEAN, FALSE, 0, 0, NULL },
  { "params", WIRE_OBJECT, FALSE, 0, 0, NULL },
  { "scopes", WIRE_STRINGS, FALSE, 1, 3, NULL },
  { "items", WIRE_STRINGS, FALSE, 0, 0, NULL },
  { "tags", WIRE_STRING_MAP, FALSE, 0, 2, NULL },
  { "words", WIRE_TEXTS, FALSE, 1, 3, NULL },
  { "list", WIRE_ARRAY, FALSE, 0, 2, NULL },
  { "parts", WIRE_ARRAY, FALSE, 0, 2, NULL, part, G_N_ELEMENTS (part) },
};

typedef struct
{
  const char *sentence, *json, *error;
} CheckCase;

#define D16 "0123456789abcdef"
#define D64 D16 D16 D16 D16
#define WITH(field) "{\"name\":\"K\"," field "}"
#define TTL "ttl: must be a whole number from 1 to 86400"
#define SCOPES "scopes: must be a list of 1 to 3 texts, none of them empty"
#define WORDS "words: must be a list of 1 to 3 texts"
#define UNSHOWN "a name that cannot be shown: is not a field of this call"
#define TAGS "tags: must be an object of at most 2 texts"

static const CheckCase check_cases[] = {
  { "what is required is enough", "{\"name\":\"K\"}", NULL },
  { "everything",
    WITH ("\"note\":\"\",\"code\":\"1234\",\"long\":\"12\",\"text\":\"\",\"ttl\":1,\"offset\":-5,"
          "\"all\":false,\"params\":{\"x\":[]},\"scopes\":[\"a\"],\"items\":[],\"tags\":{}"),
    NULL },
  { "missing", "{}", "name: is missing" },
  { "null is not missing", "{\"name\":null}", "name: must be text of 1 to 8 bytes" },
  { "unknown", WITH ("\"colour\":1"), "colour: is not a field of this call" },
  { "unknown comes before missing", "{\"colour\":1}", "colour: is not a field of this call" },
  { "names are compared whole", WITH ("\"nam\":1"), "nam: is not a field of this call" },
  { "names are compared with case", WITH ("\"Name\":1"), "Name: is not a field of this call" },
  { "an unknown name with an escape", WITH ("\"\\u001b[2J\":1"), UNSHOWN },
  { "an unknown name with a colon", WITH ("\"ttl: x\":1"), UNSHOWN },
  { "an unknown name outside ASCII", WITH ("\"\\u202e\":1"), UNSHOWN },
  { "an unknown name of no characters", WITH ("\"\":1"), UNSHOWN },
  { "an unknown name of 65 characters", WITH ("\"" D64 "e\":1"), UNSHOWN },
  { "texts may be empty", WITH ("\"words\":[\"\",\"a\"]"), NULL },
  { "texts are texts", WITH ("\"words\":[\"a\",1]"), WORDS },
  { "too many texts", WITH ("\"words\":[\"\",\"\",\"\",\"\"]"), WORDS },
  { "too few texts", WITH ("\"words\":[]"), WORDS },
  { "a list whose items are not described", WITH ("\"list\":[1,\"a\"]"), NULL },
  { "too many items", WITH ("\"list\":[1,2,3]"), "list: must be a list of at most 2 items" },
  { "objects in a list", WITH ("\"parts\":[{\"id\":1},{\"id\":9,\"inner\":[\"a\"]}]"), NULL },
  { "no objects in a list", WITH ("\"parts\":[]"), NULL },
  { "too many objects", WITH ("\"parts\":[{\"id\":1},{\"id\":1},{\"id\":1}]"),
    "parts: must be a list of at most 2 objects" },
  { "an item that is no object", WITH ("\"parts\":[{\"id\":1},1]"),
    "parts: each must be an object" },
  { "an item that lacks a field", WITH ("\"parts\":[{\"id\":1},{}]"), "parts: id: is missing" },
  { "an item with a field too many", WITH ("\"parts\":[{\"id\":1,\"x\":1}]"),
    "parts: x: is not a field of this call" },
  { "an item's list", WITH ("\"parts\":[{\"id\":1,\"inner\":[]}]"),
    "parts: inner: must be a list of at least 1 texts, none of them empty" },
  { "text too long", "{\"name\":\"123456789\"}", "name: must be text of 1 to 8 bytes" },
  { "length is in bytes", "{\"name\":\"ééééé\"}", "name: must be text of 1 to 8 bytes" },
  { "text at most", WITH ("\"note\":\"123456789\""), "note: must be text of at most 8 bytes" },
  { "text of one length", WITH ("\"code\":\"123\""), "code: must be text of 4 bytes" },
  { "text at least", WITH ("\"long\":\"1\""), "long: must be text of at least 2 bytes" },
  { "text of any length", WITH ("\"text\":1"), "text: must be text" },
  { "integer too small", WITH ("\"ttl\":0"), TTL },
  { "integer negative", WITH ("\"ttl\":-1"), TTL },
  { "integer too large", WITH ("\"ttl\":86401"), TTL },
  { "integer 2^31", WITH ("\"ttl\":2147483648"), TTL },
  { "real", WITH ("\"ttl\":1.5"), TTL },
  { "real with a whole value", WITH ("\"ttl\":60.0"), TTL },
  { "exponent", WITH ("\"ttl\":1e3"), TTL },
  { "integer in text", WITH ("\"ttl\":\"60\""), TTL },
  { "integer below a negative limit", WITH ("\"offset\":-6"),
    "offset: must be a whole number from -5 to 9223372036854775807" },
  { "integer at 2^63 minus 1", WITH ("\"offset\":9223372036854775807"), NULL },
  { "boolean by number", WITH ("\"all\":1"), "all: must be true or false" },
  { "boolean by text", WITH ("\"all\":\"true\""), "all: must be true or false" },
  { "object by list", WITH ("\"params\":[]"), "params: must be an object" },
  { "list too short", WITH ("\"scopes\":[]"), SCOPES },
  { "list too long", WITH ("\"scopes\":[\"a\",\"b\",\"c\",\"d\"]"), SCOPES },
  { "list of something else", WITH ("\"scopes\":[\"a\",1]"), SCOPES },
  { "list with an empty text", WITH ("\"scopes\":[\"\"]"), SCOPES },
  { "list of any length", WITH ("\"items\":[null]"),
    "items: must be a list of texts, none of them empty" },
  { "map too long", WITH ("\"tags\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}"), TAGS },
  { "map of something else", WITH ("\"tags\":{\"a\":{}}"), TAGS },
  { "map by text", WITH ("\"tags\":\"a\""), TAGS },
  { "not an object", "[]", "arguments: must be an object" },
};

static void
test_check (gconstpointer data)
{
  const CheckCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) object = wire_parse (row->json, strlen (row->json), TRUE, NULL);

  g_assert_nonnull (object);
  g_assert_cmpint (wire_check (fields, G_N_ELEMENTS (fields), object, &error), ==,
                   row->error == NULL);
  g_assert_cmpstr (error == NULL ? NULL : error->message, ==, row->error);
  if (error != NULL)
    g_assert_error (error, WIRE_ERROR, WIRE_ERROR_FIELD);
}

static void
test_error_field (void)
{
  g_autoptr (GError) field = NULL, other = NULL;
  g_autofree char *name = NULL;

  wire_check (fields, G_N_ELEMENTS (fields), NULL, &field);
  name = wire_error_field (field);
  g_assert_cmpstr (name, ==, "name");
  wire_parse ("x", 1, FALSE, &other);
  g_assert_null (wire_error_field (other));
}

static void
test_reading (void)
{
  g_autoptr (json_t) object = json_pack ("{s:s, s:I}", "a", "x", "n", (json_int_t) 1 << 40);

  g_assert_cmpstr (wire_string (object, "a"), ==, "x");
  g_assert_null (wire_string (object, "n"));
  g_assert_null (wire_string (object, "b"));
  g_assert_null (wire_string (NULL, "a"));
  g_assert_cmpint (wire_integer (object, "n", 7), ==, G_GINT64_CONSTANT (1) << 40);
  g_assert_cmpint (wire_integer (object, "a", 7), ==, 7);
  g_assert_cmpint (wire_integer (NULL, "n", 7), ==, 7);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/wire-check/", check_cases, test_check);
  g_test_add_func ("/wire-check/the error gives up the field's name", test_error_field);
  g_test_add_func ("/wire-check/reading what is there and what is not", test_reading);
  return g_test_run ();
}
