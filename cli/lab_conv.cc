// teff lab conv: a convolution computed in several ways, layouts, and a depthwise convolution in place.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/cpu.h"
#include "core/error.h"
#include "core/json.h"
#include "lab.h"
#include "lab/conv.h"
#include "lab/layouts.h"
#include "lab/oracle.h"
#include "lab_svg.h"
#include "lab_time.h"
#include "progress.h"
#include "run/machine.h"

namespace teff::cli {
namespace {

using namespace lab;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Way {
  const ConvStep* step;
  double seconds, error;
  int64_t products, scratch;
};

struct LayoutRow {
  const LayoutStep* step;
  double seconds;
};

struct InPlace {
  double general_seconds, seconds;
  int64_t general_bytes, bytes;
};

struct Found {
  ConvShape shape;
  Image image;
  MachineLimit limit;
  std::vector<Way> ways;
  std::vector<LayoutRow> layouts;
  InPlace in_place;
  double speedup(const Way& way) const { return ways[0].seconds / way.seconds; }
  // By the products that the formula has, however many are made.
  double of_peak(const Way& way) const {
    return limit.macs_per_second > 0 ? static_cast<double>(shape.macs()) / way.seconds / limit.macs_per_second
                                     : 0;
  }
};

void expect_right(const char* name, std::span<const float> y, std::span<const double> truth, double allowed) {
  const double error = largest_error(y, truth);
  check(error <= allowed, "lab conv: '{}' is wrong: off by {:.3g} where rounding explains {:.3g}", name,
        error, allowed);
}

std::vector<Way> measure_ways(const ConvShape& s, int repeat, Progress& progress) {
  const auto x = random_floats(s.pixels() * s.in, 1), weights = random_floats(9 * s.in * s.out, 2);
  const auto truth = conv64(s.height, s.width, s.in, s.out, x, weights);
  const auto planes = as_planes<float>(x, s.in);
  const auto true_planes = as_planes<double>(truth, s.out);
  std::vector<Way> ways;
  for (const ConvStep& step : conv_steps()) {
    progress.now(step.name);
    const auto conv = step.make(s, weights.data());
    std::vector<float> y(truth.size(), kNaN);
    const float* from = (step.planes ? planes : x).data();
    const double seconds = lab_median(1, repeat, [&] { conv->run(from, y.data()); });
    const auto& expected = step.planes ? true_planes : truth;
    expect_right(step.name, y, expected, step.room * allowed_error(9 * s.in));
    ways.push_back({&step, seconds, largest_error(y, expected), conv->products(), conv->scratch_bytes()});
    progress.step();
  }
  return ways;
}

struct LayoutCase {
  std::vector<float> x, weights;
  std::vector<double> truth;
};

LayoutCase layout_case(const Image& i, bool depthwise) {
  LayoutCase c{
      random_floats(i.numbers(), 3), random_floats(i.channels * (depthwise ? 9 : i.channels), 4), {}};
  c.truth = depthwise ? depthwise64(i.height, i.width, i.channels, c.x, c.weights)
                      : matmul64(i.pixels(), i.channels, i.channels, c.x,
                                 as_planes<float>(c.weights, i.channels), 1);
  return c;
}

std::vector<LayoutRow> measure_layouts(const Image& image, int repeat, Progress& progress) {
  std::vector<LayoutRow> rows;
  for (const LayoutStep& step : layout_steps()) {
    progress.now(step.name);
    LayoutCase c = layout_case(image, step.depthwise);
    if (step.planes) {
      c.x = as_planes<float>(c.x, image.channels);
      c.truth = as_planes<double>(c.truth, image.channels);
    }
    std::vector<float> y(c.truth.size(), kNaN);
    rows.push_back(
        {&step, lab_median(1, repeat, [&] { step.run(image, c.x.data(), c.weights.data(), y.data()); })});
    expect_right(step.name, y, c.truth, allowed_error(std::max<int64_t>(9, image.channels)));
    progress.step();
  }
  return rows;
}

// Both with exactly the memory that they need, which is what is told.
InPlace measure_in_place(const Image& image, int repeat) {
  const LayoutCase c = layout_case(image, true);
  const auto planes = as_planes<float>(c.x, image.channels);
  const auto truth = as_planes<double>(c.truth, image.channels);
  const auto general =
      std::ranges::find_if(layout_steps(), [](const auto& s) { return s.depthwise && s.planes; });
  const auto bytes = [](const std::vector<float>& v) {
    return static_cast<int64_t>(v.size() * sizeof(float));
  };
  std::vector<float> y(planes.size()), memory(static_cast<size_t>(in_place_numbers(image)));
  InPlace found{0, 0, bytes(planes) + bytes(y), bytes(memory)};
  found.general_seconds =
      lab_median(1, repeat, [&] { general->run(image, planes.data(), c.weights.data(), y.data()); });
  std::vector<double> times;
  for (int i = 0; i <= repeat; ++i) {  // x is gone after each run
    std::ranges::copy(planes, memory.begin() + image.pixels());
    times.push_back(lab_seconds(1, [&] { depthwise_in_place(image, memory.data(), c.weights.data()); }));
  }
  std::ranges::sort(times);
  found.seconds = times[times.size() / 2];
  expect_right("depthwise, in place", std::span(memory).first(planes.size()), truth, allowed_error(9));
  return found;
}

LabSection ways_section(const Found& f) {
  const ConvShape& s = f.shape;
  LabSection section{fmt::format("3 x 3 over {} x {} x {}, to {} channels", s.height, s.width, s.in, s.out),
                     "Memory: what is needed beside the image, the result and the weights.",
                     {{{"algorithm"},
                       {"products", Align::right},
                       {"memory", Align::right},
                       {"time", Align::right},
                       {"speed-up", Align::right},
                       {"of peak", Align::right},
                       {"error", Align::right},
                       {"the lecture"},
                       {"how"}},
                      {}},
                     "",
                     ""};
  std::vector<Bar> bars;
  for (const Way& way : f.ways) {
    section.sheet.rows.push_back(
        {way.step->name, count_text(way.products), way.scratch > 0 ? bytes_text(way.scratch) : "none",
         seconds_text(way.seconds), factor_text(f.speedup(way)), percent_text(f.of_peak(way)),
         fmt::format("{:.1g}", way.error), way.step->lecture, way.step->words});
    bars.push_back({way.step->name, f.speedup(way),
                    fmt::format("{}, {}", factor_text(f.speedup(way)), seconds_text(way.seconds)), 0,
                    way.step->words, way.products < s.macs() ? "depthwise" : "conv"});
  }
  section.notes =
      "of peak: by the products of the formula; an algorithm with fewer products may have more than 100 %.\n"
      "error: the largest difference from float64, of sums of numbers between -1 and 1.";
  section.svg = bars_svg(bars, true, "times as fast as direct, NCHW (green: fewer products)");
  return section;
}

LabSection layout_section(const Found& f) {
  LabSection section{
      fmt::format("Layouts: {} x {} x {}", f.image.height, f.image.width, f.image.channels),
      "The lecture: NHWC for pointwise, NCHW for depthwise convolutions. Plain loops, no vectors by hand.",
      {{{"convolution"}, {"time", Align::right}, {"speed-up", Align::right}, {"loops"}}, {}},
      "",
      ""};
  std::vector<Bar> bars;
  double first[2] = {0, 0};  // of each kind
  for (const LayoutRow& row : f.layouts) {
    double& base = first[row.step->depthwise];
    if (base == 0) base = row.seconds;
    section.sheet.rows.push_back(
        {row.step->name, seconds_text(row.seconds), factor_text(base / row.seconds), row.step->words});
    bars.push_back({row.step->name, 1e3 * row.seconds, seconds_text(row.seconds), 0, row.step->words,
                    row.step->depthwise ? "depthwise" : "conv"});
  }
  section.svg = bars_svg(bars, false, "milliseconds");
  section.notes = "speed-up: against the layout that the lecture takes, for each of the two kinds.";
  return section;
}

LabSection in_place_section(const Found& f) {
  const InPlace& p = f.in_place;
  LabSection section{
      "A depthwise convolution in place",
      "Each channel of the result needs one channel of the image: it may be written over the one before.",
      {{{"depthwise"}, {"memory", Align::right}, {"time", Align::right}, {"the lecture"}}, {}},
      fmt::format("{:.2f}x less memory; the larger the number of channels, the nearer to 2.",
                  static_cast<double>(p.general_bytes) / static_cast<double>(p.bytes)),
      ""};
  section.sheet.rows = {
      {"image and result", fmt::format("{} B", p.general_bytes), seconds_text(p.general_seconds),
       "2 x C x H x W"},
      {"in place", fmt::format("{} B", p.bytes), seconds_text(p.seconds), "(1 + C) x H x W"}};
  section.svg = bars_svg(
      {{"image and result", static_cast<double>(p.general_bytes) / 1024, bytes_text(p.general_bytes)},
       {"in place", static_cast<double>(p.bytes) / 1024, bytes_text(p.bytes), 0, "", "depthwise"}},
      false, "kB");
  return section;
}

std::string json_of(const Found& f) {
  Json json;
  json.object().member("cpu", cpu().name).member("height", f.shape.height).member("width", f.shape.width);
  json.member("in", f.shape.in).member("out", f.shape.out);
  json.member("peak_macs_per_second", f.limit.macs_per_second).key("steps").array();
  for (const Way& way : f.ways)
    json.object()
        .member("name", way.step->name)
        .member("seconds", way.seconds)
        .member("speedup", f.speedup(way))
        .member("of_peak", f.of_peak(way))
        .member("products", way.products)
        .member("scratch_bytes", way.scratch)
        .member("error", way.error)
        .end();
  json.end().key("layouts").array();
  for (const LayoutRow& row : f.layouts)
    json.object().member("name", row.step->name).member("seconds", row.seconds).end();
  json.end().key("in_place").object();
  json.member("general_bytes", f.in_place.general_bytes).member("bytes", f.in_place.bytes);
  json.member("general_seconds", f.in_place.general_seconds).member("seconds", f.in_place.seconds);
  return json.end().end().text();
}

LabReport measure(const Arguments& arguments) {
  const auto sizes = lab_sizes(arguments, {56, 56, 64, 64}, 4096);
  const ConvShape shape{sizes[0], sizes[1], sizes[2], sizes[3]};
  const Image image{shape.height, shape.width, shape.in};
  const int repeat = lab_repeat(arguments);
  Progress progress("conv", conv_steps().size() + layout_steps().size());
  Found found{shape, image, measure_float_limit(), {}, {}, {}};
  found.ways = measure_ways(shape, repeat, progress);
  found.layouts = measure_layouts(image, repeat, progress);
  found.in_place = measure_in_place(image, repeat);
  progress.done();
  return {
      "A convolution, in several ways",
      fmt::format("{}, one thread; {} multiply-adds by the formula", cpu().name, count_text(shape.macs())),
      {ways_section(found), layout_section(found), in_place_section(found)},
      json_of(found)};
}

}  // namespace

const Chapter kLabConv = {"conv",
                          "direct, im2col, implicit GEMM, Winograd; layouts; depthwise in place",
                          {"--shape", "--repeat"},
                          measure};

}  // namespace teff::cli
