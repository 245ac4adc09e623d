#include "formats/npz.h"

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "core/crc32.h"
#include "core/error.h"
#include "formats/cursor.h"
#include "formats/npy.h"

namespace teff {
namespace {

constexpr uint32_t kLocalMagic = 0x04034b50, kCentralMagic = 0x02014b50, kEndMagic = 0x06054b50;
constexpr size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22;  // without names and comments
constexpr uint16_t kStored = 0, kDeflated = 8, kEncrypted = 1, kNamesAreUtf8 = 1 << 11;
constexpr uint32_t kInZip64 = 0xffffffff;  // a field whose value stands in a zip64 record
constexpr uint64_t kMaxUnpacked = uint64_t{4} << 30;
constexpr uint64_t kMaxRatio = 1032;  // deflate: 258 bytes from a length and a distance of a bit each
constexpr std::string_view kSuffix = ".npy";

struct Entry {
  std::string_view name;
  uint16_t flags, method;
  uint32_t crc, packed, size, local_offset;
};

struct Directory {
  uint16_t entries;
  uint32_t offset;
};

// The record at the very end, which may carry a comment of up to 64 KiB.
Directory find_directory(std::span<const std::byte> file) {
  for (size_t comment = 0; comment <= 0xffff && comment + kEndBytes <= file.size(); ++comment) {
    Cursor end(file.last(comment + kEndBytes), "end record");
    if (end.u32() != kEndMagic) continue;
    const uint16_t disk = end.u16(), directory_disk = end.u16(), entries_here = end.u16(),
                   entries = end.u16();
    end.skip(4);  // the directory's size, which its entries tell too
    const uint32_t offset = end.u32();
    if (end.u16() != comment) continue;
    check(disk == 0 && directory_disk == 0 && entries_here == entries, "a zip archive in several parts");
    check(entries != 0xffff && offset != kInZip64, "a zip64 archive, which is not supported");
    return {entries, offset};
  }
  fail("not a .npz file (no zip directory at its end), or cut short");
}

Entry read_entry(Cursor& directory) {
  check(directory.u32() == kCentralMagic, "the zip directory is damaged");
  directory.skip(4);  // versions
  Entry entry;
  entry.flags = directory.u16();
  entry.method = directory.u16();
  directory.skip(4);  // time
  entry.crc = directory.u32();
  entry.packed = directory.u32();
  entry.size = directory.u32();
  const uint16_t name = directory.u16(), extra = directory.u16(), comment = directory.u16();
  directory.skip(8);  // disk and attributes
  entry.local_offset = directory.u32();
  entry.name = directory.text(name);
  directory.skip(size_t{extra} + comment);
  return entry;
}

void check_entry(const Entry& entry) {
  check(entry.name.size() > kSuffix.size() && entry.name.ends_with(kSuffix), "not a .npy file");
  check(!(entry.flags & kEncrypted), "is encrypted, which is not supported");
  check(entry.packed != kInZip64 && entry.size != kInZip64 && entry.local_offset != kInZip64,
        "a zip64 entry, which is not supported");
  check(entry.method == kStored || entry.method == kDeflated,
        "packed by method {}, which is not supported (stored and deflate are)", entry.method);
  const uint64_t most = entry.method == kStored ? entry.packed : kMaxRatio * entry.packed;
  check(entry.size <= most && (entry.method == kDeflated || entry.size == entry.packed),
        "claims {} bytes unpacked from {}", entry.size, entry.packed);
}

std::vector<Entry> read_directory(std::span<const std::byte> file) {
  const Directory where = find_directory(file);
  Cursor directory(file, "zip directory");
  directory.skip(where.offset);
  std::vector<Entry> entries;
  uint64_t packed = 0, unpacked = 0;
  for (int i = 0; i < where.entries; ++i) {
    const Entry entry = entries.emplace_back(read_entry(directory));
    with_place(printable(entry.name), [&] { check_entry(entry); });
    packed += entry.packed + kLocalBytes;
    unpacked += entry.size;
  }
  check(packed <= file.size(), "the entries of the archive overlap");
  check(unpacked <= kMaxUnpacked, "the archive unpacks to {} bytes (the limit is {})", unpacked,
        kMaxUnpacked);
  return entries;
}

// The entry's bytes as they lie in the file. The directory is what counts: the sizes in a local header are
// empty when the archive was written as a stream.
std::span<const std::byte> packed_bytes(std::span<const std::byte> file, const Entry& entry) {
  Cursor local(file, "archive");
  local.skip(entry.local_offset);
  check(local.u32() == kLocalMagic, "no zip entry at byte {}", entry.local_offset);
  local.skip(kLocalBytes - 8);
  const uint16_t name = local.u16(), extra = local.u16();
  local.skip(size_t{name} + extra);
  return local.take(entry.packed);
}

Bytes inflated(std::span<const std::byte> packed, size_t size) {
  std::vector<std::byte> out(size);
  z_stream stream{};
  check(inflateInit2(&stream, -MAX_WBITS) == Z_OK, "no memory to unpack it");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ending(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  Bytef nothing;  // zlib wants a place even where no byte comes
  stream.next_out = size ? reinterpret_cast<Bytef*>(out.data()) : &nothing;
  stream.avail_out = static_cast<uInt>(size);
  const int status = inflate(&stream, Z_FINISH);
  check(status == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0,
        "the packed data is damaged");
  return Bytes::own(std::move(out));
}

Array read_array(const Bytes& file, const Entry& entry) {
  const auto packed = packed_bytes(file.span(), entry);
  const Bytes npy = entry.method == kDeflated ? inflated(packed, entry.size)
                                              : Bytes(std::make_shared<const Bytes>(file), packed);
  check(crc32(npy.span()) == entry.crc, "its CRC is not the one in the archive: the data is damaged");
  return read_npy(npy);
}

// The fields that a local header and the directory have in common.
void put_common(Output& out, const Entry& entry) {
  constexpr uint16_t kVersion = 20, kMidnight = 0, kFirstDay = 0x21;  // 1980-01-01
  out.u16(kVersion).u16(kNamesAreUtf8).u16(kStored).u16(kMidnight).u16(kFirstDay);
  out.u32(entry.crc).u32(entry.size).u32(entry.size);
  out.u16(static_cast<uint16_t>(entry.name.size())).u16(0);
}

void put_central(Output& out, const Entry& entry) {
  out.u32(kCentralMagic).u16(20);
  put_common(out, entry);
  out.u16(0).u16(0).u16(0).u32(0).u32(entry.local_offset).text(entry.name);
}

}  // namespace

std::map<std::string, Array> read_npz(const Bytes& file) {
  std::map<std::string, Array> arrays;
  for (const Entry& entry : read_directory(file.span())) {
    with_place(printable(entry.name), [&] {
      const std::string name(entry.name.substr(0, entry.name.size() - kSuffix.size()));
      check(!arrays.contains(name), "stands in the archive twice");
      arrays[name] = read_array(file, entry);
    });
  }
  return arrays;
}

std::vector<std::byte> npz_bytes(const std::map<std::string, View>& arrays) {
  Output out, directory;
  check(arrays.size() < 0xffff, "{} arrays are too many for one .npz file", arrays.size());
  for (const auto& [key, array] : arrays) {
    const std::string name = key + std::string(kSuffix);
    const std::vector<std::byte> npy = npy_bytes(array);
    const size_t added = npy.size() + 2 * name.size() + kLocalBytes + kCentralBytes;
    check(name.size() <= 0xffff && out.size() + directory.size() + added + kEndBytes < kInZip64,
          "the arrays are too large for one .npz file, which holds 4 GiB");
    const auto size = static_cast<uint32_t>(npy.size());
    const Entry entry{
        name, kNamesAreUtf8, kStored, crc32(npy), size, size, static_cast<uint32_t>(out.size())};
    out.u32(kLocalMagic);
    put_common(out, entry);
    out.text(name).bytes(npy);
    put_central(directory, entry);
  }
  const auto offset = static_cast<uint32_t>(out.size()), size = static_cast<uint32_t>(directory.size());
  const auto count = static_cast<uint16_t>(arrays.size());
  out.bytes(directory.take());
  out.u32(kEndMagic).u16(0).u16(0).u16(count).u16(count).u32(size).u32(offset).u16(0);
  return out.take();
}

}  // namespace teff
