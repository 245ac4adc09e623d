// The networks that commands take: a file, or by its name the one that the program carries ("fashion").
#pragma once

#include <string>

#include "core/bytes.h"
#include "teff/teff.h"

namespace teff::cli {

// The file's bytes. A file of that name comes before the embedded network. Throws Error where there is
// neither.
Bytes model_bytes(const std::string& path_or_name);

Network open_network(const std::string& path_or_name, const LoadOptions& options = {});

}  // namespace teff::cli
