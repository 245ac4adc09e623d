#include "models.h"

#include <filesystem>

#include "core/file.h"
#include "embedded.h"

namespace teff::cli {

Bytes model_bytes(const std::string& path_or_name) {
  const EmbeddedModel& embedded = embedded_fashion();
  if (path_or_name != embedded.name || std::filesystem::exists(path_or_name)) return map_file(path_or_name);
  // Nothing has to be kept alive: the bytes are part of the program.
  return {std::shared_ptr<const void>(std::shared_ptr<void>(), embedded.tflite.data()), embedded.tflite};
}

Network open_network(const std::string& path_or_name, const LoadOptions& options) {
  return Network::parse(model_bytes(path_or_name).span(), path_or_name, options);
}

}  // namespace teff::cli
