#include "core/aligned_buffer.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdlib>
#include <cstring>

#include "core/error.h"

namespace teff {

void AlignedBuffer::Free::operator()(std::byte* memory) const { std::free(memory); }

namespace {

// More than the machine has is refused here: the kernel would promise it, and kill the process at first use.
size_t machine_memory() {
  return static_cast<size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

AlignedBuffer::AlignedBuffer(size_t size, size_t alignment) : size_(size) {
  assert(std::has_single_bit(alignment));
  void* memory = nullptr;
  if (size <= machine_memory() && ::posix_memalign(&memory, std::max(alignment, sizeof(void*)), size) == 0) {
    std::memset(memory, 0, size);
    data_.reset(static_cast<std::byte*>(memory));
  } else {
    fail("{} bytes of memory cannot be had: the machine has {}", size, machine_memory());
  }
}

}  // namespace teff
