# SPDX-License-Identifier: MIT
# Text as C has it, line by line.
s/\\/\\\\/g
s/"/\\"/g
s/.*/"&\\n"/
