// A plan's buffers in several memories of a machine, of which the nearest to the core is the fastest and
// seldom the largest.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "plan/segments.h"
#include "plan/targets.h"

namespace teff {

// Bytes that the runs read and write in each buffer. Scratch is written and read by every part of a unit.
std::vector<double> accesses_of(const Work& work, std::span<const Run> runs, std::span<const Buffer> buffers);

struct RegionPlaces {
  Places places;                 // offsets go on from region to region, as if they lay one behind the other
  std::vector<ArenaPart> parts;  // of the regions that are used
  double waits() const;          // in all parts
};

// As the buffers lie in the plan, in the first region that holds them all; nothing where none does.
std::optional<RegionPlaces> place_in_one_region(const Work& work, const MemoryPlan& plan,
                                                std::span<const MemoryRegion> regions);

// Places the plan's buffers: where all of them fit into the first region, as they lie in the plan; else those
// that are accessed most for their bytes in the first, what does not fit there in the next, and so on; or in
// one region as they lie in the plan, if the core then waits less for them. Buffers in different regions do
// not overlay each other, so that all together may take more than the plan. Nothing where they do not fit
// into all regions.
std::optional<RegionPlaces> place_in_regions(const Work& work, const MemoryPlan& plan,
                                             std::span<const MemoryRegion> regions);

}  // namespace teff
