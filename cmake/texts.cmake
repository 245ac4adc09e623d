# Writes the files `from` (separated by '|') to `to` as rows {"name", text} of a C++ table: raw strings, in pieces
# that every compiler takes.
string(REPLACE "|" ";" from "${from}")
file(WRITE "${to}.new" "")
foreach(file ${from})
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  file(APPEND "${to}.new" "{\"${name}\", R\"teff~(${text})teff~\"},\n")
endforeach()
file(RENAME "${to}.new" "${to}")
