#include "plan/lifetimes.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace teff {
namespace {

struct Touch {
  int64_t tick;
  Range bytes;
  bool writes;
};

// What happens to each tensor, in order, and to each step's scratch.
struct Trace {
  std::vector<std::vector<Touch>> tensors;
  std::vector<std::vector<Range>> steps;  // ticks of each run
  int64_t ticks = 0;
};

void touch(Trace& trace, int tensor, int64_t tick, Range bytes, bool writes) {
  if (!bytes.empty()) trace.tensors[static_cast<size_t>(tensor)].push_back({tick, bytes, writes});
}

// What is read and written moves on by the same bytes from part to part, but at the left end of a row, where
// windows are cut off. So where the first parts keep out of each other's way, and the last two, all others
// do.
std::vector<int32_t> parts_that_matter(const WorkStep& step) {
  int64_t first = 2;
  for (const WorkRead& read : step.reads)
    if (read.part_bytes > 0)
      first = std::max(first, 2 + (read.part_before + read.part_bytes - 1) / read.part_bytes);
  std::vector<int32_t> parts;
  for (int32_t part = 0; part < step.parts && part < first; ++part) parts.push_back(part);
  for (auto part = static_cast<int32_t>(std::max<int64_t>(first, step.parts - 2)); part < step.parts; ++part)
    parts.push_back(part);
  return parts;
}

void trace_unit(const WorkStep& step, int32_t unit, std::span<const int32_t> parts, Trace& trace) {
  for (const int32_t part : parts) {
    const int64_t tick = trace.ticks, write_tick = step.buffered ? tick + 1 : tick;
    for (const WorkRead& read : step.reads) {
      const Range bytes = bytes_read(read, unit, part);
      touch(trace, read.tensor, tick, bytes, false);
      // What is read throughout is read to the end.
      if (step.buffered && read.part_bytes == 0) touch(trace, read.tensor, write_tick, bytes, false);
    }
    for (const WorkWrite& write : step.writes)
      touch(trace, write.tensor, write_tick, bytes_written(step, write, unit, part), true);
    trace.ticks = write_tick + 1;
  }
}

// As if all of a band were read and written at once.
void trace_apart(const WorkStep& step, const Run& run, Trace& trace) {
  const int32_t band = step.band > 0 ? step.band : run.end - run.begin;
  for (int32_t unit = run.begin; unit < run.end; ++unit) {
    for (int32_t part = 0; part < step.parts; ++part) {
      for (const WorkRead& read : step.reads)
        touch(trace, read.tensor, trace.ticks, bytes_read(read, unit, part), false);
      for (const WorkWrite& write : step.writes)
        touch(trace, write.tensor, trace.ticks, bytes_written(step, write, unit, part), true);
    }
    if (unit + 1 == run.end || (unit + 1 - run.begin) % band == 0) ++trace.ticks;
  }
}

Trace trace_of(const Work& work, std::span<const Run> runs) {
  Trace trace{.tensors = std::vector<std::vector<Touch>>(work.tensors.size()),
              .steps = std::vector<std::vector<Range>>(work.steps.size()),
              .ticks = 1};
  for (size_t t = 0; t < work.tensors.size(); ++t)
    if (work.tensors[t].input) touch(trace, static_cast<int>(t), 0, {0, work.tensors[t].bytes}, true);
  for (const Run& run : runs) {
    const int64_t begin = trace.ticks;
    const WorkStep& step = work.steps[static_cast<size_t>(run.step)];
    const std::vector<int32_t> parts = parts_that_matter(step);
    if (step.apart) trace_apart(step, run, trace);
    for (int32_t unit = run.begin; unit < run.end && !step.apart; ++unit)
      trace_unit(step, unit, parts, trace);
    trace.steps[static_cast<size_t>(run.step)].push_back({begin, trace.ticks});
  }
  for (size_t t = 0; t < work.tensors.size(); ++t)
    if (work.tensors[t].output)
      touch(trace, static_cast<int>(t), trace.ticks, {0, work.tensors[t].bytes}, false);
  return trace;
}

void add_need(std::vector<Need>& needs, const Need& need) {
  if (need.begin >= need.end || need.low >= need.high) return;
  if (!needs.empty() && needs.back().end == need.begin && needs.back().low == need.low &&
      needs.back().high == need.high) {
    needs.back().end = need.end;
  } else {
    needs.push_back(need);
  }
}

// `touches` are in order of time. A byte that is written is needed then, even if nobody ever reads it.
std::vector<Need> needs_of(const std::vector<Touch>& touches) {
  std::vector<int64_t> lowest(touches.size() + 1, std::numeric_limits<int64_t>::max());
  for (size_t i = touches.size(); i-- > 0;) lowest[i] = std::min(lowest[i + 1], touches[i].bytes.begin);
  std::vector<Need> needs;
  int64_t high = 0;
  for (size_t i = 0; i < touches.size();) {
    const int64_t tick = touches[i].tick;
    size_t next = i;
    for (; next < touches.size() && touches[next].tick == tick; ++next)
      if (touches[next].writes) high = std::max(high, touches[next].bytes.end);
    add_need(needs, {tick, tick + 1, lowest[i], high});
    if (next < touches.size()) add_need(needs, {tick + 1, touches[next].tick, lowest[next], high});
    i = next;
  }
  return needs;
}

// Row size where the maker and all readers see the same rows and take turns; 0 where the tensor has to be
// whole.
std::vector<int64_t> ring_row_bytes(const Work& work) {
  std::vector<int64_t> result(work.tensors.size(), -1);
  const auto see = [&](int tensor, int64_t row_bytes, bool fits) {
    int64_t& known = result[static_cast<size_t>(tensor)];
    if (!fits || (known != -1 && known != row_bytes)) row_bytes = 0;
    known = row_bytes;
  };
  for (const WorkStep& step : work.steps) {
    for (const WorkRead& read : step.reads) see(read.tensor, read.row_bytes, step.by_rows);
    for (const WorkWrite& write : step.writes)
      see(write.tensor, write.row_bytes, step.by_rows && !step.gathers);
  }
  for (size_t t = 0; t < result.size(); ++t)
    if (work.tensors[t].input || work.tensors[t].output || result[t] < 0) result[t] = 0;
  return result;
}

// The bytes of the ring that hold rows [low, high) of the tensor; all of it where they wrap around.
Need in_ring(const Need& need, int64_t rows, int64_t row_bytes) {
  const int64_t ring = rows * row_bytes, turn = need.low / ring;
  if ((need.high - 1) / ring != turn) return {need.begin, need.end, 0, ring};
  return {need.begin, need.end, need.low - turn * ring, need.high - turn * ring};
}

void lay_in_ring(Buffer& buffer, int64_t row_bytes) {
  int64_t rows = 1;
  for (const Need& need : buffer.needs)
    rows = std::max(rows, (need.high + row_bytes - 1) / row_bytes - need.low / row_bytes);
  if (rows * row_bytes >= buffer.bytes) return;
  std::vector<Need> needs;
  for (const Need& need : buffer.needs) add_need(needs, in_ring(need, rows, row_bytes));
  buffer.needs = std::move(needs);
  buffer.ring_rows = static_cast<int32_t>(rows);
  buffer.bytes = rows * row_bytes;
}

Buffer scratch_buffer(const Work& work, int index, const std::vector<Range>& ticks) {
  const WorkStep& step = work.steps[static_cast<size_t>(index)];
  const int64_t bytes = scratch_of(step, ticks.size() == 1);
  Buffer buffer{.kind = Buffer::Kind::scratch, .index = index, .bytes = bytes};
  buffer.align = work.scratch_align;
  if (step.gathers) {
    add_need(buffer.needs, {ticks.front().begin, ticks.back().end, 0, bytes});
  } else {
    for (const Range& run : ticks) add_need(buffer.needs, {run.begin, run.end, 0, bytes});
  }
  return buffer;
}

}  // namespace

int64_t ticks_of_run(const WorkStep& step, int32_t units) {
  if (step.apart) return step.band > 0 ? (units + step.band - 1) / step.band : 1;
  return units * static_cast<int64_t>(parts_that_matter(step).size()) * (step.buffered ? 2 : 1);
}

std::vector<Buffer> buffers_of(const Work& work, std::span<const Run> runs) {
  const Trace trace = trace_of(work, runs);
  const std::vector<int64_t> row_bytes = ring_row_bytes(work);
  std::vector<Buffer> buffers;
  for (size_t t = 0; t < work.tensors.size(); ++t) {
    if (trace.tensors[t].empty()) continue;
    Buffer buffer{.index = static_cast<int>(t), .bytes = work.tensors[t].bytes, .ring_rows = 0};
    buffer.align = work.tensors[t].align;
    buffer.needs = needs_of(trace.tensors[t]);
    if (row_bytes[t] > 0) lay_in_ring(buffer, row_bytes[t]);
    buffers.push_back(std::move(buffer));
  }
  for (size_t s = 0; s < work.steps.size(); ++s)
    if (scratch_of(work.steps[s], trace.steps[s].size() == 1) > 0 && !trace.steps[s].empty())
      buffers.push_back(scratch_buffer(work, static_cast<int>(s), trace.steps[s]));
  return buffers;
}

std::vector<int64_t> needed_at(std::span<const Buffer> buffers) {
  int64_t ticks = 0;
  for (const Buffer& buffer : buffers)
    if (!buffer.needs.empty()) ticks = std::max(ticks, buffer.needs.back().end);
  std::vector<int64_t> bytes(static_cast<size_t>(ticks) + 1);  // first as changes
  for (const Buffer& buffer : buffers)
    for (const Need& need : buffer.needs) {
      bytes[static_cast<size_t>(need.begin)] += need.high - need.low;
      bytes[static_cast<size_t>(need.end)] -= need.high - need.low;
    }
  std::partial_sum(bytes.begin(), bytes.end(), bytes.begin());
  return bytes;
}

int64_t most_needed(std::span<const Buffer> buffers) {
  const std::vector<int64_t> bytes = needed_at(buffers);
  return *std::max_element(bytes.begin(), bytes.end());
}

}  // namespace teff
