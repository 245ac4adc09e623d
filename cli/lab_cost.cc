// teff lab cost: what moves on the tutorial's simple processor.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "core/error.h"
#include "core/json.h"
#include "lab.h"
#include "lab/cost.h"
#include "lab_svg.h"

namespace teff::cli {
namespace {

using namespace lab;

struct Options {
  int64_t rows, columns;
  std::vector<int64_t> words;
  Window window;
  Prices prices;
};

Prices prices_of(const Arguments& arguments) {
  const auto text = arguments.value("--prices");
  if (!text) return {100, 1, 1};
  Prices p{};
  char rest = 0;
  if (std::sscanf(text->c_str(), "%lf,%lf,%lf%c", &p.memory, &p.mac, &p.internal, &rest) != 3)
    throw UsageError(fmt::format("--prices {}: three numbers, as 100,1,1", *text));
  return p;
}

Options options_of(const Arguments& arguments) {
  Options options{arguments.number("--rows", 32, 1, 4096),
                  arguments.number("--columns", 32, 1, 4096),
                  {32, 16, 8, 4},
                  {arguments.number("--image", 5, 1, 512), arguments.number("--kernel", 3, 1, 64)},
                  prices_of(arguments)};
  if (arguments.has("--words")) options.words = {arguments.number("--words", 16, 1, 4096)};
  if (options.window.kernel > options.window.image)
    throw UsageError("--kernel: the window is larger than the image");
  return options;
}

// Any numbers will do: what moves does not depend on them, but what comes out shows that nothing was left
// out.
std::vector<double> numbers(int64_t count) {
  std::vector<double> v(static_cast<size_t>(count));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i * 7 % 11) - 5;
  return v;
}

struct Schedule {
  const char* name;
  Matvec shape;
  Moves moves;
};

// Every schedule is carried out; what it computes and what it moves must be as they should.
std::vector<Schedule> schedules(const Options& o) {
  const auto a = numbers(o.rows * o.columns), b = numbers(o.columns);
  std::vector<Schedule> found;
  for (int64_t words : o.words) {
    const Matvec shape{o.rows, o.columns, words};
    const Counted by_row = run_row_by_row(shape, a, b), by_tile = run_tile_by_tile(shape, a, b);
    check(by_row.moves == row_by_row(shape) && by_tile.moves == tile_by_tile(shape),
          "cost: the schedules move something else than their formulas say");
    check(by_row.result == by_tile.result, "cost: the schedules compute different products");
    found.push_back({words >= o.columns ? "all of B on the chip" : "row by row", shape, by_row.moves});
    if (words < o.columns) found.push_back({"tile by tile", shape, by_tile.moves});
  }
  return found;
}

std::string lectures_number(const Schedule& s) {
  const Matvec& shape = s.shape;
  if (shape.rows != 32 || shape.columns != 32) return "";
  if (shape.words == 32) return "1088";
  if (shape.words != 16) return "";
  return s.name == std::string("row by row") ? "2080" : "1120";
}

LabSection matvec_section(const Options& o, const std::vector<Schedule>& found) {
  LabSection section{
      fmt::format("A [{} x {}] times a vector", o.rows, o.columns),
      "Memories A, B and Temp of some words each. Where B does not hold the vector, it is fetched again\n"
      "for every row; tile by tile, it is fetched once, and partial sums wait for the next tile.",
      {{{"schedule"},
        {"words", Align::right},
        {"transfers", Align::right},
        {"the tutorial's", Align::right},
        {"operations", Align::right},
        {"internal", Align::right},
        {"cost", Align::right}},
       {}},
      "",
      ""};
  std::vector<Bar> bars;
  for (const Schedule& s : found) {
    section.sheet.rows.push_back({s.name, std::to_string(s.shape.words), std::to_string(s.moves.memory),
                                  lectures_number(s), std::to_string(s.moves.macs),
                                  std::to_string(s.moves.internal),
                                  fmt::format("{:.6g}", cost(s.moves, o.prices))});
    bars.push_back({fmt::format("{}, {}", s.name, s.shape.words), static_cast<double>(s.moves.memory),
                    std::to_string(s.moves.memory)});
  }
  section.notes = fmt::format(
      "cost = transfers * {:g} (C_mem) + operations * {:g} (C_mac) + internal moves * {:g} (C_int). A sum "
      "stays in\n"
      "the unit while it is added to: two internal moves for an operation, and one for each partial sum put "
      "into\n"
      "Temp or taken out. The tutorial defines C_int and then leaves it out.",
      o.prices.memory, o.prices.mac, o.prices.internal);
  section.svg = bars_svg(bars, false, "words between main memory and the processor");
  return section;
}

struct WindowRow {
  Reuse reuse;
  const char *name, *words;
  CountedWindow counted;
};

std::vector<WindowRow> windows(const Window& w) {
  std::vector<WindowRow> rows{{Reuse::none, "no reuse", "the whole window for each output", {}},
                              {Reuse::row, "along a row", "only the window's new column", {}},
                              {Reuse::serpentine, "serpentine", "and at the end of a row down, and back", {}},
                              {Reuse::everything, "rows kept", "each pixel once", {}}};
  const auto image = numbers(w.image * w.image), kernel = numbers(w.kernel * w.kernel);
  for (WindowRow& row : rows) {
    row.counted = run_window(w, row.reuse, image, kernel);
    check(row.counted.loads == window_loads(w, row.reuse),
          "cost: {} fetches something else than its formula says", row.name);
    check(row.counted.result == rows[0].counted.result, "cost: {} computes something else", row.name);
  }
  return rows;
}

LabSection window_section(const Window& w, const std::vector<WindowRow>& rows) {
  LabSection section{
      fmt::format("A window of {0} x {0} over an image of {1} x {1}", w.kernel, w.image),
      "Windows of neighbouring outputs overlap. Which output should be computed next?",
      {{{"order"}, {"fetched", Align::right}, {"on the chip", Align::right}, {"what is fetched"}}, {}},
      "",
      ""};
  std::vector<Bar> bars;
  for (const WindowRow& row : rows) {
    section.sheet.rows.push_back(
        {row.name, std::to_string(row.counted.loads), fmt::format("{} words", row.counted.words), row.words});
    bars.push_back({row.name, static_cast<double>(row.counted.loads), std::to_string(row.counted.loads), 0,
                    "", "depthwise"});
  }
  section.svg = bars_svg(bars, false, "pixels fetched");
  if (w.image == 5 && w.kernel == 3)
    section.notes =
        "The tutorial asks the question and leaves the numbers to the reader. In its example the first row "
        "of the\n"
        "output is 0 4 -1; on the slide the minus is lost.";
  return section;
}

std::string json_of(const Options& o, const std::vector<Schedule>& found,
                    const std::vector<WindowRow>& rows) {
  Json json;
  json.object().key("matvec").array();
  for (const Schedule& s : found)
    json.object()
        .member("schedule", s.name)
        .member("rows", s.shape.rows)
        .member("columns", s.shape.columns)
        .member("words", s.shape.words)
        .member("memory", s.moves.memory)
        .member("macs", s.moves.macs)
        .member("internal", s.moves.internal)
        .member("cost", cost(s.moves, o.prices))
        .end();
  json.end().key("windows").array();
  for (const WindowRow& row : rows)
    json.object()
        .member("order", row.name)
        .member("loads", row.counted.loads)
        .member("words", row.counted.words)
        .end();
  return json.end().end().text();
}

LabReport measure(const Arguments& arguments) {
  const Options options = options_of(arguments);
  const auto found = schedules(options);
  const auto rows = windows(options.window);
  return {"What moves: the tutorial's processor",
          "A main memory, three small ones, a unit that multiplies and adds. Nothing is timed here: moves "
          "are counted.",
          {matvec_section(options, found), window_section(options.window, rows)},
          json_of(options, found, rows)};
}

}  // namespace

const Chapter kLabCost = {"cost",
                          "the tutorial's C_mem, C_mac, C_int machine: what moves, by schedule",
                          {"--rows", "--columns", "--words", "--image", "--kernel", "--prices"},
                          measure};

}  // namespace teff::cli
