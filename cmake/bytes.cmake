# Writes the file `from` to `to` as the comma-separated bytes of a C array: what #embed will do one day.
file(READ "${from}" digits HEX)
string(REGEX REPLACE "(................................)" "\\1\n" lines "${digits}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${lines}")
file(WRITE "${to}" "${bytes}\n")
