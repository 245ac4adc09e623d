#include "front.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "plan/board.h"
#include "progress.h"
#include "text.h"

namespace teff::cli {
namespace {

// More would only be a long table; and each is built and run where instructions are counted.
constexpr size_t kMostPoints = 8;

double share(double part, double whole) { return 100 * part / whole; }

// "62.8 % less memory", "1.9 % more instructions".
std::string change(double from, double to, const char* what) {
  const double percent = share(to - from, from);
  return fmt::format("{:.1f} % {} {}", std::abs(percent), percent < 0 ? "less" : "more", what);
}

std::vector<SramAndCost> costs_of(const Front& front) {
  std::vector<SramAndCost> costs;
  for (const FrontPoint& point : front.points)
    costs.push_back({static_cast<double>(point.sram), instructions_of(point)});
  return costs;
}

std::string reason_for_knee(const std::vector<SramAndCost>& costs, size_t knee) {
  if (costs.size() == 1) return "the only one: the fastest program takes the least memory, too";
  std::string text = "the knee, where SRAM times instructions is least";
  if (knee > 0)
    text += fmt::format(": {} than the fastest for {}", change(costs[0].sram, costs[knee].sram, "SRAM"),
                        change(costs[0].cost, costs[knee].cost, "instructions"));
  if (knee + 1 < costs.size())
    text += fmt::format("; the next smaller one would save {:.1f} % of its SRAM for {}",
                        share(costs[knee].sram - costs[knee + 1].sram, costs[knee].sram),
                        change(costs[knee].cost, costs[knee + 1].cost, "instructions"));
  return text;
}

void count_all(Front& front, const Target& target) {
  Progress progress("counting", front.points.size());
  for (FrontPoint& point : front.points) {
    point.counted = count(point.compilation.emitted, target, point.compilation.emit_for);
    progress.step();
  }
  progress.done();
}

// Points that take more of both than another, but for the one that takes `kept_sram` bytes.
void leave_out_what_is_worse(Front& front, int64_t kept_sram) {
  std::vector<FrontPoint> kept;
  double fewest = -1;
  for (size_t i = front.points.size(); i-- > 0;) {  // from the smallest on
    const double cost = instructions_of(front.points[i]);
    if (fewest >= 0 && cost >= fewest && front.points[i].sram != kept_sram) continue;
    fewest = fewest < 0 ? cost : std::min(fewest, cost);
    kept.push_back(std::move(front.points[i]));
  }
  std::reverse(kept.begin(), kept.end());
  front.points = std::move(kept);
}

FrontPoint point_of(Compilation compilation, const CompilationOptions& options) {
  FrontPoint point;
  point.sram = compilation.emitted.arena_bytes + compilation.emitted.state_bytes;
  point.predicted = predicted_instructions(*compilation.program, options.target->core->isa);
  point.compilation = std::move(compilation);
  return point;
}

// In place of the point that takes as much, or between those that take more and less.
size_t insert(std::vector<FrontPoint>& points, FrontPoint point) {
  const auto at = std::ranges::find_if(points, [&](const FrontPoint& p) { return p.sram <= point.sram; });
  const auto index = static_cast<size_t>(at - points.begin());
  if (at != points.end() && at->sram == point.sram)
    *at = std::move(point);
  else
    points.insert(at, std::move(point));
  return index;
}

}  // namespace

double instructions_of(const FrontPoint& point) {
  return point.counted ? static_cast<double>(point.counted->total.instructions) : point.predicted;
}

size_t knee_of(std::span<const SramAndCost> points) {
  const auto product = [](const SramAndCost& p) { return p.sram * p.cost; };
  return static_cast<size_t>(std::ranges::min_element(points, {}, product) - points.begin());
}

Front make_front(const std::string& path_or_name, const CompilationOptions& options,
                 std::optional<Compilation> taken, bool counted) {
  Front front;
  for (Compilation& compilation : compile_front(path_or_name, options, kMostPoints))
    front.points.push_back(point_of(std::move(compilation), options));
  const bool given = taken.has_value();
  if (given) front.chosen = insert(front.points, point_of(std::move(*taken), options));
  const int64_t chosen_sram = front.points[front.chosen].sram;
  if (counted) {
    count_all(front, *options.target);
    leave_out_what_is_worse(front, given ? chosen_sram : -1);
  }
  const std::vector<SramAndCost> costs = costs_of(front);
  if (given) {
    front.chosen = static_cast<size_t>(std::ranges::find(front.points, chosen_sram, &FrontPoint::sram) -
                                       front.points.begin());
    return front;
  }
  front.chosen = knee_of(costs);
  front.reason = reason_for_knee(costs, front.chosen);
  return front;
}

std::string front_text(const Front& front) {
  const bool counted = front.points[0].counted.has_value();
  Table table({{""},
               {"SRAM", Align::right},
               {counted ? "instructions" : "instructions, predicted", Align::right},
               {"", Align::right},
               {counted ? "flash" : "constants", Align::right},
               {""}});
  const double fastest = instructions_of(front.points[0]);
  for (size_t i = 0; i < front.points.size(); ++i) {
    const FrontPoint& point = front.points[i];
    const int64_t flash = counted ? point.counted->flash_total : point.compilation.emitted.constant_bytes;
    const char* words = i == 0 ? "the fastest" : i + 1 == front.points.size() ? "the smallest" : "";
    table.row({i == front.chosen ? "->" : "", std::to_string(point.sram),
               fmt::format("{:.4g} M", instructions_of(point) / 1e6),
               i == 0 ? "" : fmt::format("{:+.1f} %", share(instructions_of(point) - fastest, fastest)),
               std::to_string(flash), words});
  }
  return table.text() + (front.reason.empty() ? "" : fmt::format("taken is {}\n", front.reason));
}

}  // namespace teff::cli
