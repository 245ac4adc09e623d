// Models from files of any format that teff reads.
#pragma once

#include <string>

#include "core/bytes.h"
#include "graph/graph.h"

namespace teff {

// Throws Error naming the file where it is of no known format or cannot be imported.
Model load_model(const std::string& path);
Model parse_model(const Bytes& file, const std::string& name);

}  // namespace teff
