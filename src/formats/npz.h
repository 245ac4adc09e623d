// NumPy's .npz files: a zip archive of .npy files.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/view.h"
#include "formats/array.h"

namespace teff {

// Reads what numpy.savez and numpy.savez_compressed write: the arrays by their names, without ".npy". Stored
// arrays may be slices of `file`. CRCs are checked. Zip64, encryption, other methods than deflate, several
// entries of one name or over the same bytes, and files that are no .npy are refused with an Error that names
// no path. An archive that claims more than deflate can pack into its bytes, or more than 4 GiB in all, is
// refused before anything is allocated.
std::map<std::string, Array> read_npz(const Bytes& file);

// An archive of stored entries: the same bytes for the same arrays, whenever it is made.
std::vector<std::byte> npz_bytes(const std::map<std::string, View>& arrays);

}  // namespace teff
