// Labelled examples from the forms in which people keep them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "inputs.h"

namespace teff::cli {

struct Example {
  Bytes input;  // as the network's input wants it
  int64_t label = 0;
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual size_t size() const = 0;
  virtual Example example(size_t i) const = 0;  // throws Error naming the file
};

// The form is told by the path: see the help of `teff evaluate`. Throws Error where there is none or it is
// damaged.
std::unique_ptr<Dataset> open_dataset(const std::string& path, const TensorInfo& input,
                                      std::optional<PixelRange> range);

}  // namespace teff::cli
