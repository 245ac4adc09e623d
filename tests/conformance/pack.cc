#include "tests/conformance/pack.h"

#include <zlib.h>

#include "core/error.h"

namespace teff::conformance {
namespace {

class Writer {
 public:
  void number(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) data_.push_back(static_cast<std::byte>(value >> shift));
  }
  void blob(std::span<const std::byte> bytes) {
    number(static_cast<uint32_t>(bytes.size()));
    data_.insert(data_.end(), bytes.begin(), bytes.end());
  }
  void blob(const std::string& text) { blob(std::as_bytes(std::span(text))); }
  void blobs(const std::vector<Bytes>& list) {
    number(static_cast<uint32_t>(list.size()));
    for (const Bytes& bytes : list) blob(bytes.span());
  }
  std::vector<std::byte> take() { return std::move(data_); }

 private:
  std::vector<std::byte> data_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> data) : rest_(data) {}

  bool at_end() const { return rest_.empty(); }
  uint32_t number() {
    const auto bytes = next(4);
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value |= std::to_integer<uint32_t>(bytes[i]) << (8 * i);
    return value;
  }
  // A copy: models and inputs have to be aligned.
  Bytes blob() { return Bytes::of(next(number())); }
  std::string text() {
    const auto bytes = next(number());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::vector<Bytes> blobs() {
    std::vector<Bytes> list;
    for (uint32_t i = number(); i > 0; --i) list.push_back(blob());
    return list;
  }

 private:
  std::span<const std::byte> next(size_t count) {
    check(count <= rest_.size(), "a record ends too early");
    const auto bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }
  std::span<const std::byte> rest_;
};

std::vector<std::byte> deflated(std::span<const std::byte> data) {
  Writer head;
  head.number(static_cast<uint32_t>(data.size()));
  std::vector<std::byte> result = head.take();
  uLongf size = compressBound(data.size());
  result.resize(4 + size);
  const int status = compress2(reinterpret_cast<Bytef*>(result.data() + 4), &size,
                               reinterpret_cast<const Bytef*>(data.data()), data.size(), Z_BEST_COMPRESSION);
  check(status == Z_OK, "compression failed");
  result.resize(4 + size);
  return result;
}

std::vector<std::byte> inflated(std::span<const std::byte> data) {
  std::vector<std::byte> result(Reader(data).number());
  uLongf size = result.size();
  const int status = uncompress(reinterpret_cast<Bytef*>(result.data()), &size,
                                reinterpret_cast<const Bytef*>(data.data() + 4), data.size() - 4);
  check(status == Z_OK && size == result.size(), "the recorded cases cannot be decompressed");
  return result;
}

}  // namespace

std::vector<std::byte> packed(const std::vector<PackedCase>& cases) {
  Writer w;
  for (const PackedCase& c : cases)
    w.number(c.index), w.number(c.calls), w.blob(c.model.span()), w.blobs(c.inputs);
  return w.take();
}

std::vector<std::byte> packed(const std::vector<Answer>& answers) {
  Writer w;
  for (const Answer& a : answers) {
    w.number(a.index), w.number(static_cast<uint32_t>(a.status));
    if (a.has_outputs())
      w.blobs(a.outputs);
    else
      w.blob(a.message);
  }
  return w.take();
}

std::vector<PackedCase> read_cases(const Bytes& file) {
  std::vector<PackedCase> cases;
  for (Reader r(file.span()); !r.at_end();) {
    PackedCase& c = cases.emplace_back();
    c.index = r.number(), c.calls = r.number(), c.model = r.blob(), c.inputs = r.blobs();
  }
  return cases;
}

std::vector<Answer> read_answers(const Bytes& file) {
  std::vector<Answer> answers;
  for (Reader r(file.span()); !r.at_end();) {
    Answer& a = answers.emplace_back();
    a.index = r.number(), a.status = static_cast<Status>(r.number());
    if (a.has_outputs())
      a.outputs = r.blobs();
    else
      a.message = r.text();
  }
  return answers;
}

std::vector<std::byte> compressed(const std::vector<Recorded>& operators) {
  Writer w;
  for (const Recorded& r : operators) {
    w.blob(r.op), w.blob(fmt::format("{}", r.tolerance));
    w.blob(packed(r.cases)), w.blob(packed(r.answers));
  }
  return deflated(w.take());
}

std::vector<Recorded> read_recorded(const Bytes& file) {
  const std::vector<std::byte> data = inflated(file.span());
  std::vector<Recorded> operators;
  for (Reader r(data); !r.at_end();) {
    Recorded& recorded = operators.emplace_back();
    recorded.op = r.text(), recorded.tolerance = std::stod(r.text());
    recorded.cases = read_cases(r.blob()), recorded.answers = read_answers(r.blob());
  }
  return operators;
}

}  // namespace teff::conformance
