#!/bin/bash
# SPDX-License-Identifier: MIT
# whole.sh SOURCE: each language of LINGUAS has each string of POTFILES, and POTFILES has each file with one.
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

for file in $(grep -lE '\b(_|N_|i18n_n) \("' -r --include='*.c' --include='*.ui' approve-ui broker mcp); do
  grep -qxF "$file" data/po/POTFILES || { echo "$file has texts for people and is not in data/po/POTFILES"; status=1; }
done
xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=i18n_n:1,2 -f data/po/POTFILES -o "$work/all.pot"
for language in $(cat data/po/LINGUAS); do
  msgmerge --quiet --no-fuzzy-matching -o "$work/$language.po" "data/po/$language.po" "$work/all.pot"
  msgattrib --untranslated "$work/$language.po" >"$work/missing"
  if grep -q '^msgid' "$work/missing"; then
    echo "data/po/$language.po lacks:"
    grep -A3 '^msgid' "$work/missing"
    status=1
  fi
  msgfmt --check-format -o /dev/null "data/po/$language.po" || status=1
done
exit $status
