// FlatBuffers, as much of the format as TFLite files need: a reader that believes nothing and a builder.
//
// All numbers are little-endian. A table begins with the signed distance back to its vtable, which says how
// long both are and where in the table each numbered field stands (0: left out). Tables, vectors and strings
// are reached by unsigned, non-zero distances forward from where the distance stands: no chain of them can
// close to a circle, and one in which a reader follows a fixed schema is as deep as the schema, no deeper.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"

namespace teff::fb {

static_assert(std::endian::native == std::endian::little, "scalars are copied as they stand in the file");

template <class T>
concept Scalar = std::is_arithmetic_v<T>;

// A file that is being read, and how much has been read of it. Distances may lead to the same bytes again and
// again, so a small file can describe an enormous value; what is decoded in all is therefore limited to a
// small multiple of the file. Must outlive its tables.
class Source {
 public:
  explicit Source(const Bytes& file);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  size_t size() const { return bytes_.size(); }

  // Throws Error unless [at, at + size) lies in the file.
  void require(size_t at, size_t size) const {
    check(at <= bytes_.size() && size <= bytes_.size() - at,
          "at byte {}: {} bytes are wanted, but the file ends at byte {}", at, size, bytes_.size());
  }
  template <Scalar T>
  T load(size_t at) const {
    require(at, sizeof(T));
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof(T));
    return value;
  }
  // Bytes of the file, not copied: they keep the file alive.
  Bytes slice(size_t at, size_t size) const;

  // To be called with about as many bytes as are going to be allocated for a value that the file describes.
  void charge(size_t bytes) const;

 private:
  std::shared_ptr<const Bytes> file_;
  std::span<const std::byte> bytes_;
  mutable size_t left_;
};

// Where the elements of a vector begin, and how many there are; all of them are in the file.
struct Extent {
  size_t at = 0, count = 0;
};

// A table of a file. A field that is left out, also because the file is older than the field, is the default.
class Table {
 public:
  // The root table of the file.
  static Table root(const Source& source) { return Table(source, target(source, 0)); }

  size_t where() const { return at_; }  // bytes from the beginning of the file, for messages
  const Source& source() const { return *source_; }

  template <Scalar T>
  T scalar(int field, T otherwise = T()) const {
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    const size_t at = position(field, sizeof(Stored));
    return at == 0 ? otherwise : static_cast<T>(source_->load<Stored>(at));
  }
  std::optional<Table> table(int field) const;
  std::optional<Bytes> bytes(int field) const;  // a vector of bytes, as a slice of the file
  std::string text(int field) const;            // empty where it is left out
  std::vector<Table> tables(int field) const;

  template <Scalar T>
  std::vector<T> vector(int field) const {
    const auto extent = vector_extent(field, sizeof(T));
    if (!extent) return {};
    source_->charge(extent->count * sizeof(T));
    std::vector<T> values(extent->count);
    if (!values.empty())
      std::memcpy(values.data(), source_->slice(extent->at, values.size() * sizeof(T)).data(),
                  values.size() * sizeof(T));
    return values;
  }

 private:
  Table(const Source& source, size_t at);

  // Follows the distance that stands at `at`.
  static size_t target(const Source& source, size_t at);
  // Where a field stands in the file; 0: left out.
  size_t position(int field, size_t size) const;
  std::optional<Extent> vector_extent(int field, size_t element_size) const;

  const Source* source_;
  size_t at_ = 0, vtable_ = 0;
  size_t vtable_size_ = 0, table_size_ = 0;
};

// What has been written: its distance from the end of the file, where writing began. 0: nothing.
struct Ref {
  size_t from_end = 0;
  explicit operator bool() const { return from_end != 0; }
};

// Writes a file from its end to its beginning, so that whatever a table refers to is written before it and
// comes after it. Equal calls give equal bytes.
class Builder {
 public:
  // The fields of a table, to be given to Builder::table. A field that equals its default is left out.
  class Fields {
   public:
    template <Scalar T>
    Fields& scalar(int field, T value, T otherwise = T()) {
      if (std::memcmp(&value, &otherwise, sizeof(T)) == 0) return *this;
      uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof(T));
      entries_.push_back({field, sizeof(T), bits, false});
      return *this;
    }
    Fields& ref(int field, Ref to) {
      if (to) entries_.push_back({field, sizeof(uint32_t), to.from_end, true});
      return *this;
    }

   private:
    friend class Builder;
    struct Entry {
      int field;
      size_t size;
      uint64_t bits;
      bool is_ref;
    };
    std::vector<Entry> entries_;
  };

  Ref table(Fields fields);
  Ref text(std::string_view text);
  Ref refs(std::span<const Ref> refs);  // a vector of tables or strings
  // A vector of bytes whose first element stands at a multiple of `alignment`, a power of 2 up to 16.
  Ref bytes(std::span<const std::byte> bytes, size_t alignment);
  template <Scalar T>
  Ref vector(std::span<const T> values) {
    return elements(std::as_bytes(values), values.size(), sizeof(T));
  }
  template <Scalar T>
  Ref vector(const std::vector<T>& values) {
    return vector(std::span<const T>(values));
  }

  // The whole file, 16-byte aligned, with its four letters. The builder is empty afterwards.
  std::vector<std::byte> finish(Ref root, std::string_view identifier);

 private:
  // Pads so that after `size` more bytes the position is a multiple of `alignment`, counted from the end.
  void align(size_t size, size_t alignment);
  void push(const void* data, size_t size);
  template <Scalar T>
  void push(T value) {
    push(&value, sizeof(T));
  }
  void push_distance(size_t to_from_end);
  Ref elements(std::span<const std::byte> data, size_t count, size_t alignment);
  // Where each field ended up, by its number; 0: left out.
  std::vector<size_t> push_fields(std::vector<Fields::Entry>& entries);
  // The place of a vtable with these entries, written now unless an equal one has been.
  size_t vtable(const std::vector<uint16_t>& entries);

  std::vector<std::byte> reversed_;  // the last byte of the file first
  std::map<std::vector<uint16_t>, size_t> vtables_;
};

}  // namespace teff::fb
