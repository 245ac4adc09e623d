// teff lab cache: what an order of loops asks of the caches, simulated, beside the time that it takes.
#include <fmt/format.h>

#include <algorithm>

#include "core/cpu.h"
#include "core/error.h"
#include "core/json.h"
#include "lab.h"
#include "lab/cache.h"
#include "lab/oracle.h"
#include "lab_svg.h"
#include "lab_time.h"
#include "progress.h"

namespace teff::cli {
namespace {

using namespace lab;

struct Row {
  LoopOrder order;
  double seconds;
  int64_t accesses;
  std::vector<int64_t> misses;  // of each cache, then of pages
};

struct Found {
  LabShape shape;
  std::vector<CacheShape> caches;  // with the pages last
  std::vector<Row> rows;
  double per_thousand(int64_t misses) const { return 1000 * static_cast<double>(misses) / shape.macs(); }
};

Found simulate_and_measure(const LabShape& s, int repeat) {
  const auto a = random_floats(s.m * s.k, 1), b = random_floats(s.k * s.n, 2);
  const auto truth = matmul64(s.m, s.k, s.n, a, b, 1);
  std::vector<float> c(truth.size());
  const Matmul p{s.m, s.k, s.n, a.data(), b.data(), c.data()};
  const auto orders = loop_orders();
  Progress progress("cache", orders.size());
  Found found{s, cache_shapes(), {}};
  for (const LoopOrder& order : orders) {
    progress.now(order.name);
    Hierarchy caches(cache_shapes(), page_cache_shape());
    order.simulate(p, caches);
    Row row{order, lab_median(1, repeat, [&] { order.run(p); }), caches.accesses(), {}};
    check(largest_error(c, truth) <= allowed_error(s.k), "lab cache: '{}' computes something else",
          order.name);
    for (const Cache& cache : caches.caches()) row.misses.push_back(cache.misses());
    row.misses.push_back(caches.pages().misses());
    found.rows.push_back(row);
    progress.step();
  }
  progress.done();
  found.caches.push_back(page_cache_shape());
  return found;
}

std::string caches_text(const Found& found) {
  std::string text;
  for (const CacheShape& cache : found.caches)
    if (cache.line < 1024)
      text += fmt::format("{} {} in {} ways, ", cache.name, bytes_text(cache.bytes), cache.ways);
  return text + fmt::format("{} pages in {} ways", found.caches.back().bytes / found.caches.back().line,
                            found.caches.back().ways);
}

std::string rate_text(double rate) {
  return fmt::format("{:.{}f}", rate, rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2);
}

LabSection section_of(const Found& found) {
  LabSection section{"Orders of the three loops",
                     fmt::format("Misses of 1000 multiply-adds, simulated: {}.\n"
                                 "No prefetching: the simulator counts what the loops ask for.",
                                 caches_text(found)),
                     {{{"order, outermost first"}, {"B between two uses"}}, {}},
                     "",
                     ""};
  for (const CacheShape& cache : found.caches) section.sheet.columns.push_back({cache.name, Align::right});
  for (const char* heading : {"time", "speed-up", "per multiply-add"})
    section.sheet.columns.push_back({heading, Align::right});
  std::vector<Bar> times, misses;
  for (const Row& row : found.rows) {
    std::vector<std::string> cells{row.order.name, row.order.between};
    for (int64_t count : row.misses) cells.push_back(rate_text(found.per_thousand(count)));
    const double each = row.seconds / found.shape.macs();
    cells.push_back(seconds_text(row.seconds));
    cells.push_back(factor_text(found.rows[0].seconds / row.seconds));
    cells.push_back(fmt::format("{:.2f} ns", 1e9 * each));
    section.sheet.rows.push_back(cells);
    times.push_back({row.order.name, 1e9 * each, fmt::format("{:.2f} ns", 1e9 * each)});
    misses.push_back({row.order.name, found.per_thousand(row.misses[0]),
                      rate_text(found.per_thousand(row.misses[0])), 0,
                      fmt::format("{} misses", row.misses[0]), "pool"});
  }
  section.svg = bars_svg(times, false, "measured: nanoseconds for a multiply-add") +
                bars_svg(misses, false, "simulated: misses of the first cache for 1000 multiply-adds");
  section.notes =
      "B between two uses: how many numbers of B the loops touch before they come back to one, as the "
      "lecture\n"
      "counts for its tiles (T = 32): where they fit into a cache, the number is still there.";
  return section;
}

std::string json_of(const Found& found) {
  Json json;
  json.object().member("cpu", cpu().name).member("m", found.shape.m).member("k", found.shape.k);
  json.member("n", found.shape.n).key("caches").array();
  for (const CacheShape& cache : found.caches)
    json.object()
        .member("name", cache.name)
        .member("bytes", cache.bytes)
        .member("ways", cache.ways)
        .member("line", cache.line)
        .end();
  json.end().key("orders").array();
  for (const Row& row : found.rows) {
    json.object().member("name", row.order.name).member("seconds", row.seconds);
    json.member("speedup", found.rows[0].seconds / row.seconds).member("accesses", row.accesses);
    json.key("misses").array();
    for (int64_t misses : row.misses) json.value(misses);
    json.end().end();
  }
  return json.end().end().text();
}

LabReport measure(const Arguments& arguments) {
  const LabShape shape = lab_shape(arguments, {32, 1200, 640});
  const Found found = simulate_and_measure(shape, lab_repeat(arguments));
  return {fmt::format("What loops ask of caches, {}x{}x{}", shape.m, shape.k, shape.n),
          fmt::format("{}, one thread; A is {}, B {}, C {}", cpu().name, bytes_text(4 * shape.m * shape.k),
                      bytes_text(4 * shape.k * shape.n), bytes_text(4 * shape.m * shape.n)),
          {section_of(found)},
          json_of(found)};
}

}  // namespace

const Chapter kLabCache = {"cache",
                           "misses of each loop order and tiling, simulated, beside measured time",
                           {"--shape", "--repeat"},
                           measure};

}  // namespace teff::cli
