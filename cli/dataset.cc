#include "dataset.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "formats/npy.h"
#include "formats/npz.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

int64_t elements_of(const TensorInfo& tensor) {
  int64_t n = 1;
  for (int64_t extent : tensor.shape) n *= extent;
  return n;
}

// CIFAR's records: a label byte, then a picture of three bytes a pixel in the network's own height and width.
class CifarDataset : public Dataset {
 public:
  CifarDataset(Bytes file, TensorInfo input, std::optional<PixelRange> range)
      : file_(std::move(file)), input_(std::move(input)), range_(range) {
    check(input_.shape.size() == 4 && input_.shape[3] == 3,
          "the records hold colour pictures; the input does not");
    record_ = 1 + elements_of(input_);
    check(file_.size() > 0 && static_cast<int64_t>(file_.size()) % record_ == 0,
          "{} bytes are no multiple of {} (a label and {}x{}x3 pixels)", file_.size(), record_,
          input_.shape[1], input_.shape[2]);
  }
  size_t size() const override { return file_.size() / static_cast<size_t>(record_); }
  Example example(size_t i) const override {
    const auto record = file_.span().subspan(i * static_cast<size_t>(record_), static_cast<size_t>(record_));
    const Array picture{Type::u8, {input_.shape[1], input_.shape[2], 3}, Bytes::copy(record.subspan(1))};
    return {picture_input(picture, input_, range_), static_cast<int64_t>(record[0])};
  }

 private:
  Bytes file_;
  TensorInfo input_;
  std::optional<PixelRange> range_;
  int64_t record_ = 0;
};

// Examples along the first axis of one array, labels in another.
class ArrayDataset : public Dataset {
 public:
  ArrayDataset(Array x, Array y, TensorInfo input, std::optional<PixelRange> range)
      : x_(std::move(x)), input_(std::move(input)), range_(range) {
    labels_ = as_floats(y.data.span(), {.type = y.type});
    check(x_.shape.rank() > 0 && x_.shape[0] == static_cast<int64_t>(labels_.size()),
          "{} examples (shape {}) but {} labels", x_.shape.rank() > 0 ? x_.shape[0] : 0, to_string(x_.shape),
          labels_.size());
    each_ = x_.shape[0] > 0 ? x_.data.size() / static_cast<size_t>(x_.shape[0]) : 0;
  }
  size_t size() const override { return labels_.size(); }
  Example example(size_t i) const override {
    const Bytes one = Bytes::copy(x_.data.span().subspan(i * each_, each_));
    return {input_from(one), static_cast<int64_t>(labels_[i])};
  }

 private:
  // Bytes for a network of another type are pixels.
  Bytes input_from(const Bytes& one) const {
    Shape shape;
    for (int axis = 1; axis < x_.shape.rank(); ++axis) shape.push_back(x_.shape[axis]);
    if (x_.type == input_.type && static_cast<int64_t>(one.size()) == input_.bytes) return one;
    if (x_.type != Type::u8) {
      const auto values = as_floats(one.span(), {.type = x_.type});
      check(static_cast<int64_t>(values.size()) == elements_of(input_),
            "an example of {} elements for an input of {}", values.size(), elements_of(input_));
      return elements_from(values, input_);
    }
    if (shape.rank() == 2) shape.push_back(1);
    check(shape.rank() == 3, "an example of shape {} is no picture", to_string(shape));
    return picture_input({Type::u8, shape, one}, input_, range_);
  }

  Array x_;
  TensorInfo input_;
  std::optional<PixelRange> range_;
  std::vector<float> labels_;
  size_t each_ = 0;
};

// A file for each example.
class FileDataset : public Dataset {
 public:
  struct Entry {
    std::string path;
    int64_t label;
  };
  FileDataset(std::vector<Entry> entries, TensorInfo input, std::optional<PixelRange> range)
      : entries_(std::move(entries)), input_(std::move(input)), range_(range) {}
  size_t size() const override { return entries_.size(); }
  Example example(size_t i) const override {
    return {read_input(entries_[i].path, input_, range_).front(), entries_[i].label};
  }

 private:
  std::vector<Entry> entries_;
  TensorInfo input_;
  std::optional<PixelRange> range_;
};

std::vector<FileDataset::Entry> read_csv(const std::string& path) {
  const Bytes file = map_file(path);
  std::istringstream lines(std::string(reinterpret_cast<const char*>(file.data()), file.size()));
  std::vector<FileDataset::Entry> entries;
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const size_t comma = line.rfind(',');
    int64_t label = 0;
    const char* digits = line.c_str() + (comma == std::string::npos ? line.size() : comma + 1);
    const auto [end, error] = std::from_chars(digits, line.c_str() + line.size(), label);
    if (error != std::errc() && number == 1 && comma != std::string::npos) continue;  // a heading
    check(error == std::errc() && *end == '\0', "{}: line {}: FILE,LABEL is expected", path, number);
    entries.push_back({(fs::path(path).parent_path() / line.substr(0, comma)).string(), label});
  }
  check(!entries.empty(), "{}: there are no examples", path);
  return entries;
}

std::vector<fs::path> sorted_entries(const fs::path& directory) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<FileDataset::Entry> read_class_folders(const std::string& path) {
  std::vector<FileDataset::Entry> entries;
  int64_t label = 0;
  for (const fs::path& folder : sorted_entries(path)) {
    if (!fs::is_directory(folder)) continue;
    for (const fs::path& file : sorted_entries(folder)) entries.push_back({file.string(), label});
    ++label;
  }
  check(!entries.empty(), "{}: a folder of pictures for each class is expected", path);
  return entries;
}

std::unique_ptr<Dataset> open_npz(const std::string& path, const TensorInfo& input,
                                  std::optional<PixelRange> range) {
  auto arrays = read_npz(map_file(path));
  check(arrays.contains("x") && arrays.contains("y"), "the archive needs arrays x and y");
  return std::make_unique<ArrayDataset>(std::move(arrays["x"]), std::move(arrays["y"]), input, range);
}

}  // namespace

std::unique_ptr<Dataset> open_dataset(const std::string& path, const TensorInfo& input,
                                      std::optional<PixelRange> range) {
  const std::string kind = fs::path(path).extension().string();
  const size_t comma = path.find(".npy,");
  if (comma != std::string::npos) {
    const std::string x = path.substr(0, comma + 4), y = path.substr(comma + 5);
    Array inputs = with_place(x, [&] { return read_npy(map_file(x)); });
    Array labels = with_place(y, [&] { return read_npy(map_file(y)); });
    return std::make_unique<ArrayDataset>(std::move(inputs), std::move(labels), input, range);
  }
  if (fs::is_directory(path)) return std::make_unique<FileDataset>(read_class_folders(path), input, range);
  if (kind == ".csv") return std::make_unique<FileDataset>(read_csv(path), input, range);
  return with_place(path, [&]() -> std::unique_ptr<Dataset> {
    if (kind == ".npz") return open_npz(path, input, range);
    if (kind == ".bin") return std::make_unique<CifarDataset>(map_file(path), input, range);
    fail("a .bin, .npz, .csv, a pair X.npy,Y.npy or a folder is expected");
  });
}

}  // namespace teff::cli
