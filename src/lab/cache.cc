#include "cache.h"

#include <algorithm>
#include <bit>
#include <fstream>

#include "core/cpu.h"

namespace teff::lab {
namespace {

int64_t number_in(const std::string& path) {
  std::ifstream file(path);
  int64_t number = 0;
  return file >> number ? number : 0;
}

}  // namespace

Cache::Cache(const CacheShape& shape)
    : shape_(shape),
      sets_(static_cast<uint64_t>(std::max<int64_t>(1, shape.bytes / (shape.line * shape.ways)))),
      shift_(std::countr_zero(static_cast<uint64_t>(shape.line))),
      lines_(sets_ * static_cast<uint64_t>(shape.ways)) {}

bool Cache::touch(uint64_t address) {
  const uint64_t line = (address >> shift_) + 1;
  uint64_t* const set = lines_.data() + line % sets_ * static_cast<uint64_t>(shape_.ways);
  if (*set == line) return true;
  uint64_t* const end = set + shape_.ways;
  uint64_t* const found = std::find(set, end, line);
  const bool there = found != end;
  misses_ += !there;
  std::copy_backward(set, there ? found : end - 1, there ? found + 1 : end);
  *set = line;
  return there;
}

Hierarchy::Hierarchy(const std::vector<CacheShape>& caches, const CacheShape& pages) : pages_(pages) {
  for (const CacheShape& shape : caches) caches_.emplace_back(shape);
}

void Hierarchy::touch(uint64_t address) {
  ++accesses_;
  pages_.touch(address);
  for (Cache& cache : caches_)
    if (cache.touch(address)) return;
}

std::vector<CacheShape> cache_shapes() {
  std::vector<CacheShape> shapes{{"L1", cpu().l1d > 0 ? cpu().l1d : 32 << 10, 8, 64},
                                 {"L2", cpu().l2 > 0 ? cpu().l2 : 1 << 20, 8, 64},
                                 {"L3", cpu().l3, 16, 64}};
  if (cpu().l3 <= 0) shapes.pop_back();
  const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index";
  constexpr int kIndex[] = {0, 2, 3};  // index1 holds instructions
  for (size_t level = 0; level < shapes.size(); ++level) {
    const std::string at = folder + std::to_string(kIndex[level]);
    const int64_t ways = number_in(at + "/ways_of_associativity");
    const int64_t line = number_in(at + "/coherency_line_size");
    if (ways > 0 && ways <= 64) shapes[level].ways = ways;
    if (line > 0 && std::has_single_bit(static_cast<uint64_t>(line))) shapes[level].line = line;
  }
  return shapes;
}

CacheShape page_cache_shape() { return {"pages", 64 * 4096, 4, 4096}; }

}  // namespace teff::lab
