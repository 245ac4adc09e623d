// The C interface: handles around the C++ one, and no exception that leaves.
#include "teff/teff_c.h"

#include <new>

#include "core/error.h"
#include "core/types.h"
#include "teff/teff.h"
#include "teff/version.h"

static_assert(TEFF_FLOAT32 == static_cast<int>(teff::Type::f32));
static_assert(TEFF_FLOAT64 == static_cast<int>(teff::Type::f64));
static_assert(TEFF_INT8 == static_cast<int>(teff::Type::s8));
static_assert(TEFF_UINT64 == static_cast<int>(teff::Type::u64));
static_assert(TEFF_RESOURCE == static_cast<int>(teff::Type::resource));

struct teff_error {
  teff_status status;
  std::string message;
};

struct teff_network {
  explicit teff_network(teff::Network loaded);

  teff::Network network;
  std::vector<teff_tensor> inputs, outputs;
};

struct teff_session {
  teff::Session session;
  bool has_result = false;
};

namespace {

teff_tensor tensor_of(const teff::TensorInfo& info) {
  return {.name = info.name.c_str(),
          .type = static_cast<teff_type>(info.type),
          .shape = info.shape.data(),
          .rank = info.shape.size(),
          .scales = info.scales.data(),
          .zero_points = info.zero_points.data(),
          .scale_count = info.scales.size(),
          .channel_axis = info.channel_axis,
          .bytes = static_cast<size_t>(info.bytes),
          .number = info.number};
}

std::vector<teff_tensor> tensors_of(const std::vector<teff::TensorInfo>& infos) {
  std::vector<teff_tensor> tensors;
  for (const teff::TensorInfo& info : infos) tensors.push_back(tensor_of(info));
  return tensors;
}

// A caller's mistake.
struct InvalidArgument {
  const char* what;
};

void require(bool condition, const char* what) {
  if (!condition) throw InvalidArgument{what};
}

teff_status give(teff_error** error, teff_status status, const char* message) noexcept {
  // Where memory is out there is none for a message either: this one is never freed.
  static teff_error out_of_memory{TEFF_OUT_OF_MEMORY, "out of memory"};
  if (!error) return status;
  try {
    *error = status == TEFF_OUT_OF_MEMORY ? &out_of_memory : new teff_error{status, message};
  } catch (...) {
    *error = &out_of_memory;
  }
  return status;
}

// Runs `body` and turns what it throws into a status and an error.
template <class Body>
teff_status guarded(teff_error** error, Body body) noexcept {
  try {
    body();
    return TEFF_OK;
  } catch (const InvalidArgument& mistake) {
    return give(error, TEFF_INVALID_ARGUMENT, mistake.what);
  } catch (const std::bad_alloc&) {
    return give(error, TEFF_OUT_OF_MEMORY, "");
  } catch (const std::exception& failure) {
    return give(error, TEFF_FAILED, failure.what());
  } catch (...) {
    return give(error, TEFF_FAILED, "an observer threw something that is no std::exception");
  }
}

teff::LoadOptions options_of(const teff_load_options* options) {
  teff::LoadOptions result;
  if (!options) return result;
  result.fuse = options->no_fuse == 0;
  require(options->shapes || options->shape_count == 0, "shapes is NULL but shape_count is not 0");
  for (size_t i = 0; i < options->shape_count; ++i) {
    const teff_input_shape& given = options->shapes[i];
    require(given.name && (given.shape || given.rank == 0), "an input shape has no name or no extents");
    result.shapes[given.name].assign(given.shape, given.shape + given.rank);
  }
  return result;
}

template <class Load>
teff_status load(const teff_load_options* options, teff_network** network, teff_error** error,
                 Load network_with) {
  return guarded(error, [&] {
    require(network, "network is NULL");
    *network = nullptr;
    *network = new teff_network(network_with(options_of(options)));
  });
}

const teff_tensor* element(const std::vector<teff_tensor>& tensors, size_t index) {
  return index < tensors.size() ? &tensors[index] : nullptr;
}

// The memory of input or output `index`, of which there are `count`.
template <class Span>
auto memory_of(size_t count, size_t index, size_t* bytes, Span span_of) noexcept {
  using Pointer = decltype(span_of(0).data());
  if (bytes) *bytes = 0;
  if (index >= count) return Pointer{};
  const auto span = span_of(static_cast<int>(index));
  if (bytes) *bytes = span.size();
  return span.data();
}

}  // namespace

teff_network::teff_network(teff::Network loaded)
    : network(std::move(loaded)),
      inputs(tensors_of(network.inputs())),
      outputs(tensors_of(network.outputs())) {}

extern "C" {

const char* teff_version(void) { return TEFF_VERSION; }

const char* teff_type_name(teff_type type) {
  const auto number = static_cast<int>(type);
  if (number < TEFF_FLOAT32 || number > TEFF_RESOURCE) return "unknown";
  return teff::name_of(static_cast<teff::Type>(number)).data();
}

teff_status teff_network_load(const char* path, const teff_load_options* options, teff_network** network,
                              teff_error** error) {
  return load(options, network, error, [&](const teff::LoadOptions& given) {
    require(path, "path is NULL");
    return teff::Network::load(path, given);
  });
}

teff_status teff_network_parse(const void* data, size_t size, const char* name,
                               const teff_load_options* options, teff_network** network, teff_error** error) {
  return load(options, network, error, [&](const teff::LoadOptions& given) {
    require(data || size == 0, "data is NULL");
    require(name, "name is NULL");
    return teff::Network::parse({static_cast<const std::byte*>(data), size}, name, given);
  });
}

void teff_network_free(teff_network* network) { delete network; }

size_t teff_network_input_count(const teff_network* network) { return network->inputs.size(); }
size_t teff_network_output_count(const teff_network* network) { return network->outputs.size(); }

const teff_tensor* teff_network_input(const teff_network* network, size_t index) {
  return element(network->inputs, index);
}

const teff_tensor* teff_network_output(const teff_network* network, size_t index) {
  return element(network->outputs, index);
}

int64_t teff_network_working_memory(const teff_network* network) { return network->network.working_memory(); }

teff_status teff_session_new(const teff_network* network, int32_t threads, teff_session** session,
                             teff_error** error) {
  return guarded(error, [&] {
    require(session, "session is NULL");
    *session = nullptr;
    require(network, "network is NULL");
    require(threads >= 0, "threads is negative");
    *session = new teff_session{teff::Session(network->network, threads)};
  });
}

void teff_session_free(teff_session* session) { delete session; }

void* teff_session_input(teff_session* session, size_t index, size_t* bytes) {
  return memory_of(session->session.network().inputs().size(), index, bytes,
                   [&](int i) { return session->session.input_bytes(i); });
}

const void* teff_session_output(const teff_session* session, size_t index, size_t* bytes) {
  return memory_of(session->session.network().outputs().size(), index, bytes,
                   [&](int i) { return session->session.output_bytes(i); });
}

teff_status teff_session_run(teff_session* session, teff_error** error) {
  return guarded(error, [&] {
    require(session, "session is NULL");
    session->has_result = false;
    session->has_result = session->session.run();
  });
}

int32_t teff_session_has_result(const teff_session* session) { return session && session->has_result; }

teff_status teff_session_run_observed(teff_session* session, teff_observer observer, void* context,
                                      teff_error** error) {
  return guarded(error, [&] {
    require(session, "session is NULL");
    require(observer, "observer is NULL");
    session->has_result = false;
    session->has_result = session->session.run([&](const teff::LayerResult& layer) {
      const teff_tensor output = tensor_of(*layer.output);
      observer(context, layer.index, layer.name, &output, layer.bytes.data());
    });
  });
}

teff_status teff_session_reset(teff_session* session, teff_error** error) {
  return guarded(error, [&] {
    require(session, "session is NULL");
    session->session.reset();
    session->has_result = false;
  });
}

const char* teff_error_message(const teff_error* error) { return error ? error->message.c_str() : ""; }

void teff_error_free(teff_error* error) {
  if (error && error->status != TEFF_OUT_OF_MEMORY) delete error;
}

}  // extern "C"
