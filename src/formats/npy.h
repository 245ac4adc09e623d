// NumPy's .npy files: one array each.
#pragma once

#include <cstddef>
#include <vector>

#include "core/bytes.h"
#include "core/view.h"
#include "formats/array.h"

namespace teff {

// Reads versions 1 to 3, both byte orders, C and Fortran order; the result is always little endian and in C
// order, and is a slice of `file` where nothing had to change. Every element type of NumPy that Type can name
// is read, and ml_dtypes' bfloat16, which NumPy stores as "V2". Structured, complex, text and object arrays,
// and a file that does not end where its array does, are refused with an Error (which names no path). The
// work and the memory are bounded by the size of the file, whatever its header claims.
Array read_npy(const Bytes& file);

// The file that numpy.save writes for the same array. int4 and uint4, which NumPy cannot pack, become int8
// and uint8; text and resources are an Error.
std::vector<std::byte> npy_bytes(const View& array);

}  // namespace teff
