#include "plan/board.h"

#include <algorithm>

#include "core/error.h"
#include "plan/budget.h"
#include "plan/cost_model.h"
#include "plan/input_rows.h"
#include "plan/plan_work.h"
#include "plan/regions.h"

namespace teff {
namespace {

// `used`: bytes of the budget that are taken already, by the state and by other graphs of the program.
MemoryPlan plan_memory(const Work& work, const RunCost& cost, const BoardOptions& options, int64_t used) {
  if (!options.budget)
    return options.memory == BoardMemory::least ? least_memory(work, cost) : layer_wise_memory(work, cost);
  const int64_t left = *options.budget - used;
  if (used == 0) return fit_memory(work, left, cost);
  return with_place(fmt::format("beside {} bytes of what is remembered from call to call", used),
                    [&] { return fit_memory(work, left, cost); });
}

// Those on the chip come first.
std::span<const MemoryRegion> on_chip(std::span<const MemoryRegion> regions) {
  while (!regions.empty() && regions.back().external) regions = regions.first(regions.size() - 1);
  return regions;
}

// Into the machine's regions: of that plan and all that take less, the one that is done first there, waiting
// for memory included; with the least memory wanted, the first of them that fits, in one piece on the chip if
// it can be.
MemoryPlan into_regions(const Work& work, const RunCost& cost, MemoryPlan plan, const BoardOptions& options,
                        Program& program) {
  const bool least = options.memory == BoardMemory::least && !options.budget;
  std::optional<MemoryPlan> best;
  double best_cycles = 0;
  const auto consider = [&](const MemoryPlan& candidate) {
    if (best && candidate.cost >= best_cycles) return;
    std::optional<RegionPlaces> placed;
    if (least) placed = place_in_one_region(work, candidate, on_chip(options.regions));
    if (!placed) placed = place_in_regions(work, candidate, options.regions);
    if (!placed) return;
    const double cycles = candidate.cost + placed->waits();
    if (best && cycles >= best_cycles) return;
    best = candidate, best_cycles = cycles;
    best->places = std::move(placed->places);
    program.arena_parts = std::move(placed->parts);
  };
  consider(plan);
  if (best && (least || best_cycles == plan.cost)) return *best;
  for (const MemoryPlan& smaller : memory_front(work, cost))
    if (smaller.places.bytes < plan.places.bytes) consider(smaller);
  if (best) return *best;
  std::string names;
  for (const MemoryRegion& region : options.regions)
    names += fmt::format(" {} {}", region.name, region.bytes);
  fail("the memory's regions are too small:{}; the least in one piece is {}, most of all for {}", names,
       least_memory(work, cost).places.bytes, hungriest_step(work, plan).name);
}

void apply(const PlanWork& work, const MemoryPlan& memory, size_t plan, Program& program) {
  work.apply(memory, program.arena_bytes, program.plans[plan]);
  program.arena_bytes += memory.places.bytes;
}

// Leaves out what differs least in memory from its larger neighbour, but for the ends, until none differs by
// less than kWorthwhile and there are no more than `most`.
void thin_out(std::vector<MemoryPlan>& front, size_t most) {
  constexpr double kWorthwhile = 0.03;
  while (front.size() > 2) {
    size_t nearest = 1;
    double least = 1;
    for (size_t i = 1; i + 1 < front.size(); ++i) {
      const double less =
          1 - static_cast<double>(front[i].places.bytes) / static_cast<double>(front[i - 1].places.bytes);
      if (less < least) least = less, nearest = i;
    }
    if (least >= kWorthwhile && front.size() <= most) return;
    front.erase(front.begin() + static_cast<std::ptrdiff_t>(nearest));
  }
}

}  // namespace

Program prepare_board_program(Model model, const BoardOptions& options) {
  Program program = lower_program(std::move(model));
  for (size_t i = 0; i < program.plans.size(); ++i) {
    const std::span<const KernelSet> kernels = options.kernels;
    specialize(program.model.graphs[i], program.plans[i], options.isa, options.small,
               i == 0 ? kernels : kernels.first(0));
    make_scratch_temporary(program.plans[i]);
    if (options.input_rows && i == 0) take_input_by_rows(program.model.graphs[i], program.plans[i]);
  }
  return program;
}

Program make_board_program(Model model, const BoardOptions& options) {
  const CostModel costs(options.isa);
  Program program = prepare_board_program(std::move(model), options);
  for (size_t i = 0; i < program.plans.size(); ++i) {
    const PlanWork work(program.model.graphs[i], program.plans[i]);
    const RunCost cost = work.cost(costs);
    MemoryPlan memory = plan_memory(work.work(), cost, options, program.state.bytes + program.arena_bytes);
    if (!options.regions.empty() && program.plans.size() == 1)
      memory = into_regions(work.work(), cost, std::move(memory), options, program);
    apply(work, memory, i, program);
  }
  return program;
}

std::vector<Program> board_front(Model model, const BoardOptions& options, size_t most) {
  const CostModel costs(options.isa);
  const Program prepared = prepare_board_program(std::move(model), options);
  std::vector<PlanWork> works;
  std::vector<MemoryPlan> others;  // of graphs that the main one calls: their memory lies behind its own
  for (size_t i = 0; i < prepared.plans.size(); ++i) {
    works.emplace_back(prepared.model.graphs[i], prepared.plans[i]);
    if (i > 0) others.push_back(least_memory(works[i].work(), works[i].cost(costs)));
  }
  std::vector<MemoryPlan> front = memory_front(works[0].work(), works[0].cost(costs));
  thin_out(front, most);
  std::vector<Program> programs;
  for (const MemoryPlan& memory : front) {
    Program& program = programs.emplace_back(prepared);
    apply(works[0], memory, 0, program);
    for (size_t i = 1; i < works.size(); ++i) apply(works[i], others[i - 1], i, program);
  }
  return programs;
}

double predicted_instructions(const Program& program, BoardIsa isa) {
  return predicted_cost(program, CostModel(isa)).instructions;
}

}  // namespace teff
