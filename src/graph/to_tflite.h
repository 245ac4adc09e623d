// Graphs as TFLite files: the inverse of from_tflite.
#pragma once

#include "formats/tflite.h"
#include "graph/graph.h"

namespace teff {

// A file that from_tflite reads back as the same model. Throws Error naming the node where TFLite has no
// words for it: padding that is neither same nor valid, an option that its operator lacks there.
tflite::Model to_tflite(const Model& model);

}  // namespace teff
