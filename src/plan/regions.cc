#include "plan/regions.h"

#include <algorithm>
#include <numeric>

namespace teff {
namespace {

constexpr int64_t kPartAlignment = 16;  // of an arena
constexpr int kRounds = 300, kFinalRounds = 2000;

int64_t aligned(int64_t bytes) { return (bytes + kPartAlignment - 1) / kPartAlignment * kPartAlignment; }

double bytes_of(const Range& range) { return static_cast<double>(range.end - range.begin); }

std::vector<Buffer> chosen(std::span<const Buffer> buffers, const std::vector<size_t>& indices) {
  std::vector<Buffer> result;
  for (size_t i : indices) result.push_back(buffers[i]);
  return result;
}

// Of `candidates`, which come with the most accessed first, those that fit into so many bytes.
std::vector<size_t> fill(std::span<const Buffer> buffers, const std::vector<size_t>& candidates,
                         int64_t bytes) {
  std::vector<size_t> inside;
  for (size_t candidate : candidates) {
    inside.push_back(candidate);
    if (most_needed(chosen(buffers, inside)) > bytes) inside.pop_back();
  }
  // They fit by their sum at any time; it takes more where they cannot lie like that.
  while (!inside.empty() && pack(chosen(buffers, inside), kRounds).bytes > bytes)
    inside.resize(inside.size() - 1 - inside.size() / 20);
  return inside;
}

void put(const Buffer& buffer, int64_t offset, Places& places) {
  const auto index = static_cast<size_t>(buffer.index);
  (buffer.kind == Buffer::Kind::scratch ? places.scratch : places.tensors)[index] = offset;
}

// The work as the plan does it: with those results apart from their inputs that lie apart there.
Work as_planned(Work work, const MemoryPlan& plan) {
  for (size_t s = 0; s < plan.apart.size(); ++s) work.steps[s].apart = plan.apart[s];
  return work;
}

double waits_for(double bytes, const MemoryRegion& region) { return bytes / 4 * region.wait; }

// The densest buffers in the first region, and so on.
std::optional<RegionPlaces> spread(const Work& work, const MemoryPlan& plan,
                                   std::span<const MemoryRegion> regions) {
  const std::vector<Buffer> buffers = buffers_of(work, plan.runs);
  const std::vector<double> accesses = accesses_of(work, plan.runs, buffers);
  const double all = std::max(1.0, std::accumulate(accesses.begin(), accesses.end(), 0.0));
  std::vector<size_t> left(buffers.size());
  std::iota(left.begin(), left.end(), size_t{0});
  const auto density = [&](size_t i) {
    return accesses[i] / static_cast<double>(std::max<int64_t>(buffers[i].bytes, 1));
  };
  std::ranges::stable_sort(left, std::greater(), density);
  RegionPlaces result{.places = plan.places, .parts = {}};
  int64_t begin = 0;
  for (const MemoryRegion& region : regions) {
    const std::vector<size_t> inside = fill(buffers, left, region.bytes);
    if (inside.empty()) continue;
    const Packing packing = pack(chosen(buffers, inside), kFinalRounds);
    for (size_t i = 0; i < inside.size(); ++i)
      put(buffers[inside[i]], begin + packing.offsets[i], result.places);
    double accessed = 0;
    for (size_t i : inside) accessed += accesses[i];
    result.parts.push_back(
        {std::string(region.name), begin, packing.bytes, accessed / all, waits_for(accessed, region)});
    result.places.bytes = begin + packing.bytes;
    begin = aligned(result.places.bytes);
    std::erase_if(left, [&](size_t i) { return std::ranges::find(inside, i) != inside.end(); });
    if (left.empty()) break;
  }
  if (!left.empty()) return {};
  check_memory(work, plan.runs, result.places);
  return result;
}

}  // namespace

std::vector<double> accesses_of(const Work& work, std::span<const Run> runs,
                                std::span<const Buffer> buffers) {
  std::vector<double> tensors(work.tensors.size()), scratch(work.steps.size());
  for (const Run& run : runs) {
    const WorkStep& step = work.steps[static_cast<size_t>(run.step)];
    for (int32_t unit = run.begin; unit < run.end; ++unit) {
      for (const WorkRead& read : step.reads)
        tensors[static_cast<size_t>(read.tensor)] +=
            bytes_of(rows_read(read, unit)) * static_cast<double>(read.row_bytes);
      for (const WorkWrite& write : step.writes)
        tensors[static_cast<size_t>(write.tensor)] += static_cast<double>(write.row_bytes);
      scratch[static_cast<size_t>(run.step)] += 2.0 * static_cast<double>(step.scratch) * step.parts;
    }
  }
  std::vector<double> result;
  for (const Buffer& buffer : buffers)
    result.push_back(
        (buffer.kind == Buffer::Kind::scratch ? scratch : tensors)[static_cast<size_t>(buffer.index)]);
  return result;
}

double RegionPlaces::waits() const {
  return std::accumulate(parts.begin(), parts.end(), 0.0,
                         [](double sum, const ArenaPart& part) { return sum + part.waits; });
}

std::optional<RegionPlaces> place_in_one_region(const Work& work, const MemoryPlan& plan,
                                                std::span<const MemoryRegion> regions) {
  for (const MemoryRegion& region : regions)
    if (plan.places.bytes <= region.bytes) {
      const Work planned = as_planned(work, plan);
      const std::vector<double> accesses = accesses_of(planned, plan.runs, buffers_of(planned, plan.runs));
      const double waits = waits_for(std::accumulate(accesses.begin(), accesses.end(), 0.0), region);
      return RegionPlaces{plan.places, {{std::string(region.name), 0, plan.places.bytes, 1, waits}}};
    }
  return {};
}

std::optional<RegionPlaces> place_in_regions(const Work& unplanned, const MemoryPlan& plan,
                                             std::span<const MemoryRegion> regions) {
  const Work work = as_planned(unplanned, plan);
  const auto one = place_in_one_region(unplanned, plan, regions);
  if (one && one->parts[0].region == regions[0].name) return one;
  auto several = spread(work, plan, regions);
  return !several || (one && one->waits() < several->waits()) ? one : several;
}

}  // namespace teff
