/* SPDX-License-Identifier: MIT
 *
 * The language of the person: what the approvers say goes through here. Words that are typed or
 * written down (grant, deny, operations, policy) are the same in every language.
 */
#pragma once

#include <libintl.h>

#define I18N_DOMAIN "countersign"

#define _(text) dgettext (I18N_DOMAIN, text)
#define N_(text) (text)
/* By number: i18n_n ("one use", "%u uses", n). */
#define i18n_n(one, many, n) dngettext (I18N_DOMAIN, one, many, n)

/* Takes language and characters, not the notation of numbers, from the environment; translations
 * only from where this program is installed. Once, before the first text. */
void i18n_init (void);
