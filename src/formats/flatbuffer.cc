#include "formats/flatbuffer.h"

#include <algorithm>

namespace teff::fb {
namespace {

// What may be decoded from a file of n bytes: generous for files with much sharing, little enough to be
// harmless. The constant serves very small files, whose decoded form is mostly the fixed part of structures.
constexpr size_t kDecodedPerByte = 32, kDecodedAlways = size_t{1} << 20;
// About what a table turns into, whatever is in it.
constexpr size_t kTableCost = 64;

constexpr size_t kVtableHeader = 2 * sizeof(uint16_t);
constexpr size_t kLargestFile = 0x7fffffff;  // distances to vtables are signed 32-bit numbers
constexpr size_t kFileAlignment = 16;

void require_aligned(size_t at, size_t alignment, const char* what) {
  check(at % alignment == 0, "at byte {}: {} should stand at a multiple of {}", at, what, alignment);
}

}  // namespace

Source::Source(const Bytes& file)
    : file_(std::make_shared<const Bytes>(file)),
      bytes_(file_->span()),
      left_(kDecodedPerByte * bytes_.size() + kDecodedAlways) {}

Bytes Source::slice(size_t at, size_t size) const {
  require(at, size);
  return Bytes(file_, bytes_.subspan(at, size));
}

void Source::charge(size_t bytes) const {
  check(bytes <= left_,
        "the file of {} bytes describes far more than it holds: the same bytes are used too many times",
        size());
  left_ -= bytes;
}

Table::Table(const Source& source, size_t at) : source_(&source), at_(at) {
  source.charge(kTableCost);
  require_aligned(at, sizeof(int32_t), "a table");
  const int64_t vtable = static_cast<int64_t>(at) - source.load<int32_t>(at);
  check(vtable >= 0 && vtable < static_cast<int64_t>(source.size()),
        "at byte {}: the table's vtable would be at byte {}", at, vtable);
  vtable_ = static_cast<size_t>(vtable);
  require_aligned(vtable_, sizeof(uint16_t), "a vtable");
  vtable_size_ = source.load<uint16_t>(vtable_);
  check(vtable_size_ >= kVtableHeader && vtable_size_ % sizeof(uint16_t) == 0,
        "at byte {}: a vtable of {} bytes", vtable_, vtable_size_);
  source.require(vtable_, vtable_size_);
  table_size_ = source.load<uint16_t>(vtable_ + sizeof(uint16_t));
  check(table_size_ >= sizeof(int32_t), "at byte {}: a table of {} bytes", at, table_size_);
  source.require(at, table_size_);
}

size_t Table::position(int field, size_t size) const {
  const size_t entry = kVtableHeader + static_cast<size_t>(field) * sizeof(uint16_t);
  if (entry >= vtable_size_) return 0;
  const size_t offset = source_->load<uint16_t>(vtable_ + entry);
  if (offset == 0) return 0;
  check(offset >= sizeof(int32_t) && offset + size <= table_size_,
        "at byte {}: field {} is said to be at {} in a table of {} bytes", at_, field, offset, table_size_);
  require_aligned(at_ + offset, size, "a field");
  return at_ + offset;
}

size_t Table::target(const Source& source, size_t at) {
  const size_t distance = source.load<uint32_t>(at);
  check(distance != 0 && distance < source.size() - at,
        "at byte {}: a reference {} bytes forward in a file that ends at byte {}", at, distance,
        source.size());
  return at + distance;
}

std::optional<Extent> Table::vector_extent(int field, size_t element_size) const {
  const size_t at = position(field, sizeof(uint32_t));
  if (at == 0) return std::nullopt;
  const size_t vector = target(*source_, at);
  require_aligned(vector, sizeof(uint32_t), "a vector");
  const size_t count = source_->load<uint32_t>(vector), begin = vector + sizeof(uint32_t);
  check(count <= (source_->size() - begin) / element_size,
        "at byte {}: a vector of {} elements in a file that ends at byte {}", vector, count, source_->size());
  return Extent{begin, count};
}

std::optional<Table> Table::table(int field) const {
  const size_t at = position(field, sizeof(uint32_t));
  if (at == 0) return std::nullopt;
  return Table(*source_, target(*source_, at));
}

std::optional<Bytes> Table::bytes(int field) const {
  const auto extent = vector_extent(field, 1);
  if (!extent) return std::nullopt;
  return source_->slice(extent->at, extent->count);
}

std::string Table::text(int field) const {
  const std::vector<char> characters = vector<char>(field);
  return std::string(characters.begin(), characters.end());
}

std::vector<Table> Table::tables(int field) const {
  std::vector<Table> tables;
  const auto extent = vector_extent(field, sizeof(uint32_t));
  if (!extent) return tables;
  source_->charge(extent->count * sizeof(Table));
  tables.reserve(extent->count);
  for (size_t i = 0; i < extent->count; ++i)
    tables.push_back(Table(*source_, target(*source_, extent->at + i * sizeof(uint32_t))));
  return tables;
}

void Builder::push(const void* data, size_t size) {
  if (size == 0) return;
  const auto* bytes = static_cast<const std::byte*>(data);
  check(size <= kLargestFile - reversed_.size(), "the file would be larger than 2 GiB, the most it can be");
  reversed_.insert(reversed_.end(), std::reverse_iterator(bytes + size), std::reverse_iterator(bytes));
}

void Builder::align(size_t size, size_t alignment) {
  const size_t over = (reversed_.size() + size) % alignment;
  if (over != 0) reversed_.insert(reversed_.end(), alignment - over, std::byte{0});
}

void Builder::push_distance(size_t to_from_end) {
  push(static_cast<uint32_t>(reversed_.size() + sizeof(uint32_t) - to_from_end));
}

Ref Builder::elements(std::span<const std::byte> data, size_t count, size_t alignment) {
  align(data.size(), std::max(alignment, sizeof(uint32_t)));
  push(data.data(), data.size());
  push(static_cast<uint32_t>(count));
  return {reversed_.size()};
}

Ref Builder::bytes(std::span<const std::byte> bytes, size_t alignment) {
  return elements(bytes, bytes.size(), alignment);
}

Ref Builder::text(std::string_view text) {
  // The terminating zero is not counted.
  align(text.size() + 1, sizeof(uint32_t));
  push('\0');
  push(text.data(), text.size());
  push(static_cast<uint32_t>(text.size()));
  return {reversed_.size()};
}

Ref Builder::refs(std::span<const Ref> refs) {
  align(refs.size() * sizeof(uint32_t), sizeof(uint32_t));
  for (size_t i = refs.size(); i-- > 0;) push_distance(refs[i].from_end);
  push(static_cast<uint32_t>(refs.size()));
  return {reversed_.size()};
}

size_t Builder::vtable(const std::vector<uint16_t>& entries) {
  const auto [known, is_new] = vtables_.try_emplace(entries, 0);
  if (is_new) {
    push(entries.data(), entries.size() * sizeof(uint16_t));
    known->second = reversed_.size();
  }
  return known->second;
}

std::vector<size_t> Builder::push_fields(std::vector<Fields::Entry>& entries) {
  // The widest last, nearest to the beginning of the table: no padding between fields.
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.size, a.field) < std::pair(b.size, b.field);
  });
  std::vector<size_t> places;
  for (const auto& entry : entries) {
    if (entry.is_ref) {
      push_distance(entry.bits);
    } else {
      push(&entry.bits, entry.size);
    }
    const auto field = static_cast<size_t>(entry.field);
    if (field >= places.size()) places.resize(field + 1, 0);
    places[field] = reversed_.size();
  }
  return places;
}

Ref Builder::table(Fields fields) {
  size_t size = 0, widest = sizeof(int32_t);
  for (const auto& entry : fields.entries_) size += entry.size, widest = std::max(widest, entry.size);
  align(size, widest);
  const size_t end = reversed_.size();
  const std::vector<size_t> places = push_fields(fields.entries_);
  push(int32_t{0});  // the distance to the vtable, known below
  const size_t table = reversed_.size();

  std::vector<uint16_t> words{static_cast<uint16_t>(kVtableHeader + places.size() * sizeof(uint16_t)),
                              static_cast<uint16_t>(table - end)};
  for (size_t place : places) words.push_back(static_cast<uint16_t>(place == 0 ? 0 : table - place));
  const auto distance = static_cast<uint32_t>(vtable(words) - table);
  for (size_t i = 0; i < sizeof(distance); ++i)
    reversed_[table - 1 - i] = static_cast<std::byte>(distance >> (8 * i));
  return {table};
}

std::vector<std::byte> Builder::finish(Ref root, std::string_view identifier) {
  align(sizeof(uint32_t) + identifier.size(), kFileAlignment);
  push(identifier.data(), identifier.size());
  push_distance(root.from_end);
  std::vector<std::byte> file = std::exchange(reversed_, {});
  vtables_.clear();
  std::reverse(file.begin(), file.end());
  return file;
}

}  // namespace teff::fb
