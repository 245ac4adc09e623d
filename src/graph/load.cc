#include "graph/load.h"

#include "core/error.h"
#include "core/file.h"
#include "formats/tflite.h"
#include "graph/from_tflite.h"

namespace teff {

Model parse_model(const Bytes& file, const std::string& name) {
  return with_place(name, [&] {
    check(file.size() > 0, "the file is empty");
    check(tflite::looks_like_tflite(file), "this is not a TFLite model (bytes 4 to 7 are not 'TFL3')");
    Model model = from_tflite(tflite::read_tflite(file));
    model.file = name;
    return model;
  });
}

Model load_model(const std::string& path) { return parse_model(map_file(path), path); }

}  // namespace teff
