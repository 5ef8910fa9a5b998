// Kernels with which nearfar.scene builds scenes, for Python.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "scene/bake.hpp"
#include "scene/noise.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

using Free = nb::ndarray<const bool, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Numbers = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using PictureIn = nb::ndarray<const double, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using PictureOut = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<3>, nb::c_contig>;

constexpr std::size_t most_numbers = std::size_t{1} << 31U;

void require(bool holds, const char* message) {
    if (!holds) throw std::invalid_argument(message);
}

void check_range(const std::int32_t* values, std::size_t count, std::int64_t least, std::size_t end, const char* message) {
    require(std::all_of(values, values + count, [&](std::int32_t value) {
        return value >= least && value < static_cast<std::int64_t>(end);
    }), message);
}

MapOut<double> smooth_noise(const std::vector<MapIn<double>>& octaves, const std::vector<double>& weights, double scale,
                            std::size_t height, std::size_t width) {
    require(octaves.size() == weights.size(), "a weight for each octave");
    require(height > 0 && width > 0 && height <= 16384 && width <= 16384, "a size that no texture has");
    std::vector<scene::Octave> read;
    for (std::size_t k = 0; k < octaves.size(); ++k) {
        const MapIn<double>& values = octaves[k];
        require(values.size() > 0 && values.shape(0) <= height && values.shape(1) <= width, "an octave has cells, at most one a sample");
        read.push_back({values.data(), values.shape(0), values.shape(1), weights[k]});
    }
    std::unique_ptr<double[]> out(new double[height * width]);
    {
        const KernelScope scope;
        scene::smooth_noise(read, scale, height, width, out.get());
    }
    return hand_over(std::move(out), height, width);
}

PictureOut texels(const PictureIn& picture) {
    require(picture.shape(2) == 3 || picture.shape(2) == 4, "a picture has 3 or 4 channels");
    const std::size_t count = picture.shape(0) * picture.shape(1);
    std::unique_ptr<std::uint8_t[]> out(new std::uint8_t[4 * count]);
    {
        const KernelScope scope;
        scene::texels(picture.data(), count, picture.shape(2), out.get());
    }
    std::uint8_t* data = out.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<std::uint8_t*>(held); });
    static_cast<void>(out.release());
    return {data, {picture.shape(0), picture.shape(1), 4}, owner};
}

std::pair<MapOut<float>, MapOut<float>> rays_about(const MapIn<float>& positions, const MapIn<float>& normals,
                                                   const Numbers& numbers, const PictureIn& directions, double offset) {
    require(positions.shape(1) == 3 && normals.shape(1) == 3 && positions.shape(0) == normals.shape(0),
            "positions and normals are (V, 3)");
    require(directions.shape(2) == 3 && directions.size() > 0, "directions are (sets, R, 3)");
    check_range(numbers.data(), numbers.size(), 0, positions.shape(0), "a number beyond the vertices");
    const std::size_t each = directions.shape(1);
    require(numbers.size() < most_numbers / (3 * each), "too many rays");
    const std::size_t count = numbers.size() * each;
    std::unique_ptr<float[]> origins(new float[3 * count]);
    std::unique_ptr<float[]> ways(new float[3 * count]);
    {
        const KernelScope scope;
        scene::rays_about({positions.data(), normals.data(), {numbers.data(), numbers.size()}},
                          {directions.data(), directions.shape(0), each}, offset, origins.get(), ways.get());
    }
    return {hand_over(std::move(origins), count, 3), hand_over(std::move(ways), count, 3)};
}

MapOut<double> mean_sent(const MapIn<float>& sent, const MapIn<std::int32_t>& hits) {
    require(sent.shape(1) == 3, "what faces send is (F, 3)");
    require(hits.shape(1) > 0, "hits are (V, R)");
    std::unique_ptr<double[]> out(new double[3 * hits.shape(0)]);
    {
        const KernelScope scope;
        check_range(hits.data(), hits.size(), std::numeric_limits<std::int32_t>::min(), sent.shape(0), "a hit beyond the faces");
        scene::mean_sent(sent.data(), {hits.data(), hits.size()}, hits.shape(1), out.get());
    }
    return hand_over(std::move(out), hits.shape(0), 3);
}

MapOut<double> mean_sky(const MapIn<double>& colors, const MapIn<float>& ways, const MapIn<std::int32_t>& hits) {
    require(colors.shape(0) == 3 && colors.shape(1) == 3, "the sky is (3, 3)");
    require(hits.shape(1) > 0 && ways.shape(1) == 3 && ways.shape(0) == hits.size(), "a way for each hit");
    std::unique_ptr<double[]> out(new double[3 * hits.shape(0)]);
    {
        const KernelScope scope;
        scene::mean_sky(colors.data(), ways.data(), {hits.data(), hits.size()}, hits.shape(1), out.get());
    }
    return hand_over(std::move(out), hits.shape(0), 3);
}

std::vector<scene::Spot> read_spots(const MapIn<double>& rows) {
    require(rows.shape(1) == 12, "spots are (S, 12)");
    std::vector<scene::Spot> spots;
    for (const double* row = rows.data(); row != rows.data() + rows.size(); row += 12) {
        scene::Spot spot{};
        std::copy_n(row, 3, spot.place);
        std::copy_n(row + 3, 3, spot.front);
        std::copy_n(row + 6, 4, spot.sent);
        spot.most = row[10];
        spot.far = row[11];
        spots.push_back(spot);
    }
    return spots;
}

// Memory of a vector, given to NumPy.
template <class T>
MapOut<T> hand_over_vector(std::vector<T>&& values, std::size_t width) {
    auto held = std::make_unique<std::vector<T>>(std::move(values));
    const T* data = held->data();
    const std::size_t count = held->size() / width;
    nb::capsule owner(held.get(), [](void* vector) noexcept { delete static_cast<std::vector<T>*>(vector); });
    static_cast<void>(held.release());
    return MapOut<T>(data, {count, width}, owner);
}

using SpotRays = std::tuple<MapOut<float>, MapOut<float>, MapOut<std::int32_t>, MapOut<double>>;

SpotRays rays_to_spots(const MapIn<float>& positions, const MapIn<float>& normals, const MapIn<double>& spots,
                       double offset, std::size_t each) {
    require(each > 0, "one spot in none");
    require(positions.shape(1) == 3 && normals.shape(1) == 3 && positions.shape(0) == normals.shape(0),
            "positions and normals are (V, 3)");
    const std::vector<scene::Spot> read = read_spots(spots);
    require(positions.shape(0) < most_numbers / (3 * std::max<std::size_t>(read.size(), 1)), "too many rays");
    scene::SpotRays rays;
    {
        const KernelScope scope;
        rays = scene::rays_to_spots(positions.data(), normals.data(), positions.shape(0), read, offset, each);
    }
    return {hand_over_vector(std::move(rays.origins), 3), hand_over_vector(std::move(rays.ways), 3),
            hand_over_vector(std::move(rays.ends), 2), hand_over_vector(std::move(rays.weight), 2)};
}

MapOut<double> light_of_spots(const MapIn<std::int32_t>& ends, const MapIn<double>& weight, const Free& free,
                              const MapIn<double>& spots, std::size_t count) {
    const std::vector<scene::Spot> read = read_spots(spots);
    require(ends.shape(1) == 2 && weight.shape(1) == 2, "ends and weights are (K, 2)");
    require(weight.shape(0) == ends.shape(0) && free.size() == ends.shape(0), "ends, a weight and a verdict for each ray");
    for (std::size_t k = 0; k < ends.shape(0); ++k) {
        check_range(ends.data() + 2 * k, 1, 0, count, "a ray from beyond the vertices");
        check_range(ends.data() + 2 * k + 1, 1, 0, read.size(), "a ray to beyond the spots");
    }
    require(count < most_numbers, "too many vertices");
    std::unique_ptr<double[]> out(new double[4 * count]);
    {
        const KernelScope scope;
        scene::light_of_spots({ends.data(), ends.size()}, weight.data(), free.data(), read, count, out.get());
    }
    return hand_over(std::move(out), count, 4);
}

MapOut<double> evened(const MapIn<double>& values, const MapIn<std::int32_t>& pairs, int rounds) {
    require(pairs.shape(1) == 2, "pairs are (E, 2)");
    std::unique_ptr<double[]> out(new double[values.size()]);
    std::copy_n(values.data(), values.size(), out.get());
    {
        const KernelScope scope;
        check_range(pairs.data(), pairs.size(), 0, values.shape(0), "a pair beyond the vertices");
        scene::even_out(out.get(), values.shape(0), values.shape(1), {pairs.data(), pairs.size()}, rounds);
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

}  // namespace

void bind_scene_building(nb::module_& module) {
    module.def("smooth_noise", &smooth_noise, "octaves"_a, "weights"_a, "scale"_a, "height"_a, "width"_a,
               "Octaves of random values spread smoothly and around the edges, summed: (height, width).");
    module.def("texels", &texels, nb::arg("picture").noconvert(), "A picture in 0..1 in the code of textures, (H, W, 4).");
    module.def("rays_about", &rays_about, nb::arg("positions").noconvert(), nb::arg("normals").noconvert(),
               nb::arg("numbers").noconvert(), nb::arg("directions").noconvert(), "offset"_a,
               "Origins and directions of rays about the normals of the vertices of these numbers.");
    module.def("mean_sent", &mean_sent, nb::arg("sent").noconvert(), nb::arg("hits").noconvert(),
               "For each row of hits the mean of what the faces send.");
    module.def("mean_sky", &mean_sky, nb::arg("colors").noconvert(), nb::arg("ways").noconvert(),
               nb::arg("hits").noconvert(), "For each row of hits the mean of the sky where there is none.");
    module.def("rays_to_spots", &rays_to_spots, nb::arg("positions").noconvert(), nb::arg("normals").noconvert(),
               nb::arg("spots").noconvert(), "offset"_a, "each"_a,
               "Origins and directions of rays from vertices to the spots that they face; which; and what they weigh.");
    module.def("light_of_spots", &light_of_spots, nb::arg("ends").noconvert(), nb::arg("weight").noconvert(),
               nb::arg("free").noconvert(), nb::arg("spots").noconvert(), "count"_a,
               "What vertices get of the spots by rays that are free: three colours and the key light's share.");
    module.def("evened", &evened, nb::arg("values").noconvert(), nb::arg("pairs").noconvert(), "rounds"_a,
               "Values (V, C), each become the mean of itself and of those that it shares a pair with, in rounds.");
}

}  // namespace nearfar
