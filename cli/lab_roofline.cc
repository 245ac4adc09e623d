// teff lab roofline: what this machine gives at best, by how much is computed with each byte, and where the
// lab's kernels are below that.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "core/error.h"
#include "core/json.h"
#include "core/threads.h"
#include "lab.h"
#include "lab/conv.h"
#include "lab/matmul.h"
#include "lab/oracle.h"
#include "lab/streams.h"
#include "lab_svg.h"
#include "lab_time.h"
#include "progress.h"
#include "run/machine.h"

namespace teff::cli {
namespace {

using namespace lab;

// Bytes a second from one level.
struct Ceiling {
  MemoryLevel level;
  double one = 0, all = 0;  // of one thread, and of all together
};

struct Point {
  std::string name;
  double flops, bytes;  // `bytes`: what must be read and written at least
  double seconds = 0;
  double intensity() const { return flops / bytes; }
  double rate() const { return flops / seconds; }
};

struct Found {
  int threads;
  MachineLimit limit;
  std::vector<Ceiling> ceilings;
  std::vector<Point> points;
  double peak() const { return 2 * limit.macs_per_second; }

  // The nearest memory that what a kernel reads and writes fits into.
  const Ceiling& home(const Point& point) const {
    for (const Ceiling& ceiling : ceilings)
      if (point.bytes <= 2 * static_cast<double>(ceiling.level.bytes)) return ceiling;
    return ceilings.back();
  }
  double roof(const Point& point) const { return std::min(peak(), home(point).one * point.intensity()); }
};

// The best of a few: others can only make it slower. Each thread reads a memory of its own.
double read_bandwidth(int64_t bytes, int threads) {
  AlignedBuffer memory(static_cast<size_t>(bytes) * static_cast<size_t>(threads));
  std::fill_n(reinterpret_cast<char*>(memory.data()), memory.size(),
              1);  // pages of its own, not all the page of zeros
  const int64_t passes = std::max<int64_t>(1, (int64_t{64} << 20) / bytes);
  double best = 0;
  for (int run = 0; run < 10; ++run) {
    const double seconds = lab_seconds(threads, [&] {
      parallel_for(threads, threads, [&](Range r, int) {
        for (int64_t pass = 0; pass < passes; ++pass) read_all(memory.data() + r.begin * bytes, bytes);
      });
    });
    best = std::max(best, static_cast<double>(bytes * passes * threads) / seconds);
  }
  return best;
}

class Kernels {
 public:
  Kernels(Progress& progress, int repeat) : progress_(progress), repeat_(repeat) {}
  std::vector<Point> points;

  void add(const std::string& name, double flops, double bytes, const std::function<void()>& run) {
    progress_.now(name);
    points.push_back({name, flops, bytes, lab_median(1, repeat_, run)});
    progress_.step();
  }

 private:
  Progress& progress_;
  int repeat_;
};

void expect_near(const char* name, double value, double truth, double allowed) {
  check(std::abs(value - truth) <= allowed, "lab roofline: '{}' is wrong: {} instead of {}", name, value,
        truth);
}

void add_streams(Kernels& kernels, int64_t n) {
  const auto a = random_floats(n, 1), b = random_floats(n, 2);
  const auto bytes = 4 * static_cast<double>(n), flops = 2 * static_cast<double>(n);
  const double truth = matmul64(1, n, 1, a, b, 1)[0];
  float sum = 0;
  kernels.add("dot, one sum", flops, 2 * bytes, [&] { sum = dot_one_sum(a.data(), b.data(), n); });
  expect_near("dot, one sum", sum, truth, allowed_error(n));
  kernels.add("dot", flops, 2 * bytes, [&] { sum = dot(a.data(), b.data(), n); });
  expect_near("dot", sum, truth, allowed_error(n));
  auto y = b;
  int runs = 0;
  kernels.add("y += a x", flops, 3 * bytes, [&] {
    ++runs;
    add_scaled(0.5f, a.data(), y.data(), n);
  });
  expect_near("y += a x", y[1], b[1] + 0.5 * runs * a[1], 1e-5 * runs);
}

void add_matvec(Kernels& kernels, int64_t rows, int64_t columns) {
  const auto a = random_floats(rows * columns, 3), x = random_floats(columns, 4);
  std::vector<float> y(static_cast<size_t>(rows));
  const auto numbers = static_cast<double>(rows * columns);
  kernels.add("matrix x vector", 2 * numbers, 4 * (numbers + static_cast<double>(rows + columns)),
              [&] { matvec(a.data(), x.data(), y.data(), rows, columns); });
  check(largest_error(y, matmul64(rows, columns, 1, a, x, 1)) <= allowed_error(columns),
        "lab roofline: the product with a vector is wrong");
}

void add_matmuls(Kernels& kernels, int64_t n) {
  const auto a = random_floats(n * n, 5), b = random_floats(n * n, 6);
  const auto truth = matmul64(n, n, n, a, b, 1);
  std::vector<float> c(truth.size());
  const auto side = static_cast<double>(n);
  for (const MatmulStep& step : matmul_steps()) {
    if (step.threaded || (step.missing && step.missing())) continue;
    kernels.add(fmt::format("matmul {}", step.name), 2 * side * side * side, 12 * side * side, [&] {
      step.run({n, n, n, a.data(), b.data(), c.data()});
    });
    check(largest_error(c, truth) <= allowed_error(n), "lab roofline: '{}' is wrong", step.name);
  }
}

void add_convs(Kernels& kernels, const ConvShape& s) {
  const auto x = random_floats(s.pixels() * s.in, 7), weights = random_floats(9 * s.in * s.out, 8);
  const auto truth = conv64(s.height, s.width, s.in, s.out, x, weights);
  std::vector<float> y(truth.size());
  const double bytes = 4 * static_cast<double>(s.pixels() * (s.in + s.out) + 9 * s.in * s.out);
  for (const ConvStep& step : conv_steps()) {
    if (step.planes) continue;
    const auto conv = step.make(s, weights.data());
    kernels.add(fmt::format("conv {}", step.name), 2 * static_cast<double>(s.macs()), bytes,
                [&] { conv->run(x.data(), y.data()); });
    check(largest_error(y, truth) <= step.room * allowed_error(9 * s.in), "lab roofline: '{}' is wrong",
          step.name);
  }
}

// --size makes everything smaller: what does not fit into the caches must be larger than they are, and takes
// its time.
Found measure_all(int threads, int repeat, int64_t size) {
  const size_t kernels_in_all = 4 + matmul_steps().size() + conv_steps().size();
  Progress progress("roofline", kernels_in_all + memory_levels().size());
  progress.now("the peak");
  Found found{threads, measure_float_limit(), {}, {}};
  for (MemoryLevel level : memory_levels()) {
    progress.now(level.name);
    level.bytes = std::min(level.bytes, size * 4096 * 128);
    found.ceilings.push_back({level, read_bandwidth(level.bytes, 1), read_bandwidth(level.bytes, threads)});
    progress.step();
  }
  Kernels kernels(progress, repeat);
  add_streams(kernels, size * 16384);
  add_matvec(kernels, size * 8, 4096);
  add_matmuls(kernels, size);
  add_convs(kernels, {56, 56, std::min<int64_t>(size, 64), std::min<int64_t>(size, 64)});
  progress.done();
  found.points = kernels.points;
  const MachineLimit again = measure_float_limit();  // the better of two: a neighbour may have been busy
  if (again.macs_per_second > found.limit.macs_per_second) found.limit = again;
  return found;
}

std::string flops_text(double rate) { return fmt::format("{:.3g} G", rate / 1e9); }

LabSection ceilings_section(const Found& f) {
  LabSection section{
      "Ceilings",
      "",
      {{{"memory"},
        {"read over", Align::right},
        {"one thread", Align::right},
        {fmt::format("{} threads", f.threads), Align::right},
        {"operations for a byte to reach the peak", Align::right}},
       {}},
      fmt::format("The peak of one thread: {} operations a second by {} (a multiply-add is two).",
                  flops_text(f.peak()), f.limit.macs_per_second > 0 ? f.limit.how : "means unknown"),
      ""};
  for (const Ceiling& c : f.ceilings)
    section.sheet.rows.push_back({c.level.name, bytes_text(c.level.bytes),
                                  fmt::format("{:.1f} GB/s", c.one / 1e9),
                                  f.threads > 1 ? fmt::format("{:.1f} GB/s", c.all / 1e9) : "",
                                  fmt::format("{:.2g}", f.peak() / c.one)});
  return section;
}

std::string chart_of(const Found& f) {
  Roofline chart{f.peak() / 1e9, {}, {}};
  for (const Ceiling& c : f.ceilings) chart.slopes.push_back({c.level.name, c.one / 1e9});
  for (const Point& p : f.points)
    chart.points.push_back({p.name, p.intensity(), p.rate() / 1e9,
                            fmt::format("{}\n{} operations a second, {} of its limit", p.name,
                                        flops_text(p.rate()), percent_text(p.rate() / f.roof(p))),
                            p.name.starts_with("matmul")});
  return roofline_svg(chart);
}

LabSection kernels_section(const Found& f) {
  LabSection section{
      "Kernels, one thread",
      "for a byte: operations for each byte that must be read or written at least once.\n"
      "limit: the peak, or what the nearest memory that holds everything can bring, whichever is less.",
      {{{"kernel"},
        {"data", Align::right},
        {"lies in"},
        {"for a byte", Align::right},
        {"operations/s", Align::right},
        {"limit", Align::right},
        {"of limit", Align::right}},
       {}},
      "",
      chart_of(f)};
  for (const Point& p : f.points)
    section.sheet.rows.push_back({p.name, bytes_text(static_cast<int64_t>(p.bytes)), f.home(p).level.name,
                                  fmt::format("{:.3g}", p.intensity()), flops_text(p.rate()),
                                  flops_text(f.roof(p)), percent_text(p.rate() / f.roof(p))});
  return section;
}

std::string json_of(const Found& f) {
  Json json;
  json.object().member("cpu", cpu().name).member("threads", f.threads);
  json.member("peak_flops", f.peak()).key("ceilings").array();
  for (const Ceiling& c : f.ceilings)
    json.object()
        .member("name", c.level.name)
        .member("bytes", c.level.bytes)
        .member("bytes_per_second", c.one)
        .member("bytes_per_second_all_threads", c.all)
        .end();
  json.end().key("kernels").array();
  for (const Point& p : f.points)
    json.object()
        .member("name", p.name)
        .member("flops_per_byte", p.intensity())
        .member("seconds", p.seconds)
        .member("flops_per_second", p.rate())
        .member("limit", f.roof(p))
        .member("of_limit", p.rate() / f.roof(p))
        .end();
  return json.end().end().text();
}

LabReport measure(const Arguments& arguments) {
  const int threads = lab_threads(arguments);
  const Found found = measure_all(threads, lab_repeat(arguments), arguments.number("--size", 512, 1, 4096));
  return {"The roofline of this machine",
          fmt::format("{}, {} of {} threads", cpu().name, threads, hardware_threads()),
          {kernels_section(found), ceilings_section(found)},
          json_of(found)};
}

}  // namespace

const Chapter kLabRoofline = {"roofline",
                              "this machine's ceilings, and the lab's kernels below them",
                              {"--threads", "--repeat", "--size"},
                              measure};

}  // namespace teff::cli
