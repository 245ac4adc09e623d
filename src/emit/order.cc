#include "emit/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

#include "core/error.h"

namespace teff {
namespace {

struct Reach {
  size_t first, last;  // positions in the order
};

std::map<int, Reach> reaches_of(const Plan& plan) {
  std::map<int, Reach> reaches;
  std::map<int, int32_t> done;
  for (size_t i = 0; i < plan.order.size(); ++i) {
    const Run& run = plan.order[i];
    const auto [it, added] = reaches.emplace(run.step, Reach{i, i});
    it->second.last = i;
    check(done[run.step] == run.begin && run.end >= run.begin, "step {} goes on at unit {} after {}",
          run.step, run.begin, done[run.step]);
    done[run.step] = run.end;
  }
  return reaches;
}

void add_turn(Segment& segment, const Run& run) {
  auto it = std::ranges::find(segment.steps, run.step);
  if (it == segment.steps.end()) it = segment.steps.insert(it, run.step);
  const int index = static_cast<int>(it - segment.steps.begin());
  const int32_t count = run.end - run.begin;
  if (count == 0) return;
  if (!segment.turns.empty() && segment.turns.back().step == index)
    segment.turns.back().count += count;
  else
    segment.turns.push_back({index, count});
}

}  // namespace

std::vector<Segment> segments_of(const Plan& plan) {
  const auto reaches = reaches_of(plan);
  std::vector<Segment> segments;
  size_t end = 0;  // of the segment, so far
  for (size_t i = 0; i < plan.order.size(); ++i) {
    if (i >= end) segments.emplace_back();
    add_turn(segments.back(), plan.order[i]);
    end = std::max(end, reaches.at(plan.order[i].step).last + 1);
  }
  return segments;
}

PackedOrder packed(const Segment& segment) {
  constexpr size_t kLineWidth = 104;
  PackedOrder order;
  order.bits = static_cast<int>(std::bit_width(segment.steps.size() - 1));
  int32_t most = 1;
  for (const Segment::Turn& turn : segment.turns) most = std::max(most, turn.count);
  order.wide = (most - 1) << order.bits > 0xff || segment.steps.size() > 256;
  const int32_t limit = 1 << ((order.wide ? 16 : 8) - order.bits);
  std::string line = "\n   ";
  for (const Segment::Turn& turn : segment.turns)
    for (int32_t left = turn.count; left > 0; left -= limit) {
      const int32_t count = std::min(left, limit);
      order.entries.push_back(static_cast<uint16_t>((count - 1) << order.bits | turn.step));
      const std::string value = fmt::format(" {},", order.entries.back());
      if (line.size() + value.size() > kLineWidth) order.text += line, line = "\n   ";
      line += value;
    }
  order.text += line;
  return order;
}

}  // namespace teff
