// Files: mapped for reading, written whole or not at all.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/bytes.h"

namespace teff {

// Maps a regular file read-only. Throws Error "PATH: cannot be opened: ..." for what is missing, a directory,
// a device. An empty file gives empty, owned bytes. The file must not shrink while
// it is mapped.
Bytes map_file(const std::string& path);

// Writes `data` to a temporary file beside `path` and renames it: readers see the old file or the new one.
// A link is followed and the permissions of an existing file are kept. Throws Error "PATH: cannot be written:
// ...".
void write_file(const std::string& path, std::span<const std::byte> data);
void write_file(const std::string& path, const std::string& text);

// Creates a directory and its parents; an existing one is fine.
void make_directories(const std::string& path);

}  // namespace teff
