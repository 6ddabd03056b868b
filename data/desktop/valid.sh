#!/bin/bash
# SPDX-License-Identifier: MIT
# valid.sh FOLDER ID: the desktop entry, the AppStream data and the icons are what the specifications say.
set -uo pipefail
cd "$1"
id=$2
number=0

# case_of SENTENCE PROGRAM ARGUMENT…: passes when the program says nothing and succeeds.
case_of () {
  local sentence=$1 said
  shift
  number=$((number + 1))
  if ! command -v "$1" >/dev/null; then
    echo "ok $number $sentence # SKIP there is no $1"
  elif said=$("$@" 2>&1 >/dev/null) && [ -z "$said" ]; then
    echo "ok $number $sentence"
  else
    echo "not ok $number $sentence"
    printf '%s\n' "$said" | sed 's/^/#   /'
  fi
}

echo 1..6
case_of 'the desktop entry is valid' desktop-file-validate "$id.desktop"
case_of 'the AppStream data are valid' appstreamcli validate --no-net "$id.metainfo.xml"
case_of 'the icon can be drawn' rsvg-convert -w 16 -h 16 "$id.svg"
case_of 'the symbolic icon can be drawn' rsvg-convert -w 16 -h 16 "$id-symbolic.svg"
case_of 'the desktop entry names the icon' grep -qxF "Icon=$id" "$id.desktop"
case_of 'the AppStream data name the desktop entry' \
  grep -qF ">$id.desktop</launchable>" "$id.metainfo.xml"
