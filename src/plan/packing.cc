#include "plan/packing.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "plan/overlap.h"

namespace teff {
namespace {

int64_t down(int64_t x, int64_t align) {
  const int64_t rest = x % align;
  return rest < 0 ? x - rest - align : x - rest;
}
int64_t up(int64_t x, int64_t align) { return -down(-x, align); }

// What a buffer must keep away from: `other` begins at none of these distances.
struct Neighbour {
  size_t other;
  std::vector<Range> forbidden;
};

// The order in which buffers are placed, and whether each goes low or high where that is all the same.
struct Turn {
  size_t buffer;
  bool high;
};
using Turns = std::vector<Turn>;

// Offsets may be negative while placing: a buffer may go below all others.
struct Placement {
  std::vector<int64_t> offsets;
  int64_t begin = 0, end = 0;
  int64_t bytes() const { return end - begin; }
};

class Packer {
 public:
  explicit Packer(std::span<const Buffer> buffers) : buffers_(buffers), neighbours_(buffers.size()) {
    for (const Buffer& b : buffers) align_ = std::max(align_, b.align);
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t j = i + 1; j < buffers.size(); ++j) add_pair(i, j);
  }

  int64_t align() const { return align_; }

  Placement place(const Turns& turns) {
    Placement result{.offsets = std::vector<int64_t>(buffers_.size())};
    placed_.assign(buffers_.size(), false);
    for (const Turn& turn : turns) place(turn, result);
    return result;
  }

 private:
  static constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;

  void add_pair(size_t i, size_t j) {
    const Buffer &a = buffers_[i], &b = buffers_[j];
    if (a.needs.empty() || b.needs.empty()) return;
    if (a.needs.back().end <= b.needs.front().begin || b.needs.back().end <= a.needs.front().begin) return;
    std::vector<Range> ranges = forbidden_distances(a, b), mirrored;
    if (ranges.empty()) return;
    for (const Range& r : ranges) mirrored.push_back({-r.end, -r.begin});
    std::reverse(mirrored.begin(), mirrored.end());
    neighbours_[i].push_back({j, std::move(ranges)});
    neighbours_[j].push_back({i, std::move(mirrored)});
  }

  // Where the buffer must not begin, sorted and merged.
  void find_forbidden(size_t buffer, const Placement& placement) {
    forbidden_.clear();
    for (const Neighbour& n : neighbours_[buffer]) {
      if (!placed_[n.other]) continue;
      const int64_t at = placement.offsets[n.other];
      for (const Range& r : n.forbidden) forbidden_.push_back({at - r.end, at - r.begin});
    }
    std::sort(forbidden_.begin(), forbidden_.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
  }

  // Calls visit(offset) for the offsets worth trying: at the ends of each gap, and at the ends of the arena.
  template <class Visit>
  void for_each_candidate(const Buffer& b, const Placement& p, Visit visit) const {
    const auto gap = [&](int64_t low, int64_t high) {  // both allowed
      const int64_t first = low <= -kFar ? low : up(low, b.align);
      const int64_t last = high >= kFar ? high : down(high, b.align);
      if (first > last) return;
      for (const int64_t offset : {first, last, p.begin, down(p.end - b.bytes, b.align)})
        if (offset > -kFar && offset < kFar && offset >= first && offset <= last) visit(offset);
    };
    int64_t low = -kFar;
    for (const Range& r : forbidden_) {
      if (r.begin >= low) gap(low, r.begin);
      low = std::max(low, r.end);
    }
    gap(low, kFar);
  }

  void place(const Turn& turn, Placement& p) {
    const Buffer& b = buffers_[turn.buffer];
    if (p.bytes() == 0) {
      p.end = b.bytes;
    } else {
      find_forbidden(turn.buffer, p);
      int64_t best = 0, best_begin = 0, best_end = kFar;
      for_each_candidate(b, p, [&](int64_t offset) {
        const int64_t begin = std::min(p.begin, down(offset, align_));
        const int64_t end = std::max(p.end, offset + b.bytes);
        const int64_t gain = (best_end - best_begin) - (end - begin);
        if (gain < 0 || (gain == 0 && (turn.high ? offset <= best : offset >= best))) return;
        best = offset, best_begin = begin, best_end = end;
      });
      p.offsets[turn.buffer] = best, p.begin = best_begin, p.end = best_end;
    }
    placed_[turn.buffer] = true;
  }

  std::span<const Buffer> buffers_;
  std::vector<std::vector<Neighbour>> neighbours_;
  int64_t align_ = 1;
  std::vector<bool> placed_;
  std::vector<Range> forbidden_;
};

// The most bytes that are needed at once, at a moment when the buffer is needed: those buffers that are there
// when memory is scarcest have to be placed first.
std::vector<int64_t> scarcity(std::span<const Buffer> buffers) {
  const std::vector<int64_t> needed = needed_at(buffers);
  std::vector<int64_t> result;
  for (const Buffer& buffer : buffers) {
    result.push_back(0);
    for (const Need& need : buffer.needs)
      result.back() =
          std::max(result.back(), *std::max_element(needed.begin() + need.begin, needed.begin() + need.end));
  }
  return result;
}

Turns in_order_of(std::vector<size_t> buffers, bool high) {
  Turns turns;
  for (size_t buffer : buffers) turns.push_back({buffer, high});
  return turns;
}

// Orders in which placing one buffer after another does well; which does best depends on the network.
std::vector<Turns> first_orders(std::span<const Buffer> buffers) {
  using Before = bool (*)(const Buffer&, const Buffer&);
  const Before kOrders[] = {
      [](const Buffer& a, const Buffer& b) { return a.bytes > b.bytes; },
      [](const Buffer& a, const Buffer& b) { return a.needs.front().begin < b.needs.front().begin; },
      [](const Buffer& a, const Buffer& b) { return a.needs.back().end > b.needs.back().end; },
      [](const Buffer& a, const Buffer& b) {
        return a.needs.back().end - a.needs.front().begin > b.needs.back().end - b.needs.front().begin;
      },
  };
  const std::vector<int64_t> scarce = scarcity(buffers);
  std::vector<Turns> result;
  for (const bool scarce_first : {true, false})
    for (const Before before : kOrders) {
      std::vector<size_t> order(buffers.size());
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        if (scarce_first && scarce[a] != scarce[b]) return scarce[a] > scarce[b];
        return before(buffers[a], buffers[b]);
      });
      for (const bool high : {false, true}) result.push_back(in_order_of(order, high));
    }
  return result;
}

class Random {
 public:
  size_t below(size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>((state_ >> 33) % n);
  }

 private:
  uint64_t state_ = 1;
};

// The same order, but for one or two buffers that move to another turn: any, or one at an end of the arena,
// which goes to an earlier one.
Turns moved(const Placement& placement, std::span<const Buffer> buffers, Turns turns, Random& random) {
  const auto at_an_end = [&](const Turn& turn) {
    const int64_t begin = placement.offsets[turn.buffer];
    return begin == placement.begin || begin + buffers[turn.buffer].bytes == placement.end;
  };
  const size_t moves = 1 + random.below(2);
  for (size_t i = 0; i < moves; ++i) {
    size_t from = random.below(turns.size()), to = random.below(turns.size());
    if (random.below(2) == 0) {
      while (!at_an_end(turns[from])) from = (from + 1) % turns.size();
      to = random.below(from + 1);
    }
    Turn turn = turns[from];
    if (random.below(4) == 0) turn.high = !turn.high;
    turns.erase(turns.begin() + static_cast<std::ptrdiff_t>(from));
    turns.insert(turns.begin() + static_cast<std::ptrdiff_t>(to), turn);
  }
  return turns;
}

}  // namespace

Packing pack(std::span<const Buffer> buffers, int rounds) {
  Packing packing{.offsets = std::vector<int64_t>(buffers.size())};
  packing.least = most_needed(buffers);
  if (buffers.empty()) return packing;
  Packer packer(buffers);
  Placement best;
  best.end = std::numeric_limits<int64_t>::max();
  Turns best_turns;
  const auto try_turns = [&](Turns turns) {
    Placement placement = packer.place(turns);
    if (placement.bytes() > best.bytes()) return;
    best = std::move(placement), best_turns = std::move(turns);
  };
  for (Turns& turns : first_orders(buffers)) try_turns(std::move(turns));
  Random random;
  for (int i = 0; i < rounds && best.bytes() > packing.least; ++i)
    try_turns(moved(best, buffers, best_turns, random));
  for (size_t i = 0; i < buffers.size(); ++i) packing.offsets[i] = best.offsets[i] - best.begin;
  packing.bytes = best.bytes();
  return packing;
}

}  // namespace teff
