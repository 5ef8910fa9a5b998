#include "estimate/stereo/band_rows.hpp"

#include "estimate/stereo/band_lanes.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::ptrdiff_t;

constexpr int most_hamming = 14;
constexpr int most_difference = 60;
constexpr int blur_limit = 24;   // a step of grey beyond which a neighbour takes no part in a cost
constexpr int small_change = 16; // what a change of one shift is charged
constexpr int large_change = 34; // and of more, less the step of grey
constexpr int most_relief = 18;
constexpr int per_shift = 16;    // what a shift is charged for each px that it lies off the expected one

// Four paths of at most 14 + 60/4 + large_change each fill a byte, and no more.
static_assert(4 * (most_hamming + most_difference / 4 + large_change) <= 255);

inline ptrdiff_t to_signed(size_t count) noexcept { return static_cast<ptrdiff_t>(count); }
inline int16_t word(int value) noexcept { return static_cast<int16_t>(value); }
inline Bytes from_255(Bytes a) noexcept { return a ^ bytes(255); }

// Costs

void upper_bytes(const uint16_t* __restrict words, size_t width, uint8_t* __restrict out) {
    for (size_t x = 0; x < width; ++x) out[x] = static_cast<uint8_t>(words[x] >> 8);
}

struct Offset {
    int x, y;
};
// The eight pixels around, and every other pixel of the ring around these.
constexpr Offset neighbours[16] = {{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0},   {-1, 1}, {0, 1},  {1, 1},
                                   {-2, 0},  {2, 0},  {0, -2}, {0, 2},  {-2, -2}, {2, -2}, {-2, 2}, {2, 2}};

void census(const uint8_t* const rows[5], size_t width, uint8_t* const planes[2]) {
    for (int plane = 0; plane < 2; ++plane) {
        uint8_t* const out = planes[plane];
        for (size_t x = 0; x < width; x += lanes) {
            const Bytes centre = load(rows[2] + x);
            Bytes code = bytes(0);
            for (int bit = 0; bit < 8; ++bit) {
                const Offset at = neighbours[8 * plane + bit];
                const Bytes below = subtract(centre, load(rows[2 + at.y] + to_signed(x) + at.x));
                code = add(add(code, code), min(below, bytes(1)));
            }
            store(out + x, code);
        }
    }
}

void steps(const int16_t* __restrict top, const int16_t* __restrict before, const uint8_t* grey,
           const uint8_t* grey_before, size_t width, uint8_t* const out[3]) {
    uint8_t *const away = out[0], *__restrict up = out[1], *__restrict down = out[2];
    for (size_t x = 0; x < width; x += lanes) {
        store(away + x, difference(load(grey + x), load(grey_before + x)));
    }
    constexpr int16_t most = band_length;
    for (size_t x = 0; x < width; ++x) {
        const int16_t above = word(before[x] - top[x]), below = word(-above);
        const int16_t less_above = above < most ? above : most, less_below = below < most ? below : most;
        down[x] = static_cast<uint8_t>(8 * (less_above > 0 ? less_above : 0));
        up[x] = static_cast<uint8_t>(8 * (less_below > 0 ? less_below : 0));
    }
}

inline Bytes cost(const BandCodes& left, size_t x, Bytes grey, Bytes first, Bytes second) noexcept {
    const Bytes bits = add(count_bits<1>(spread(left.census[0] + x) ^ first),
                           count_bits<1>(spread(left.census[1] + x) ^ second));
    const Bytes away = min(difference(spread(left.grey + x), grey), bytes(most_difference));
    return from_255(add(min(bits, bytes(most_hamming)), shift_right<2>(away)));
}

void costs(const BandCodes& left, const BandCodes& right, const int16_t* top, size_t width, uint8_t* out) {
    const BandCodes l = left, r = right;
    constexpr size_t chunk = 64;  // pixels, whose candidates are gathered before they are compared
    uint8_t grey[chunk * band_length], first[chunk * band_length], second[chunk * band_length];
    for (size_t begin = 0; begin < width; begin += chunk) {
        for (size_t i = 0; i < chunk; ++i) {
            const ptrdiff_t from = to_signed(begin + i) - top[begin + i];
            std::memcpy(grey + i * band_length, r.grey + from, band_length);
            std::memcpy(first + i * band_length, r.census[0] + from, band_length);
            std::memcpy(second + i * band_length, r.census[1] + from, band_length);
        }
        for (size_t i = 0; i < chunk; i += bands, out += lanes) {
            const size_t at = i * band_length;
            store(out, cost(l, begin + i, load(grey + at), load(first + at), load(second + at)));
        }
    }
}

// A neighbour's band as this pixel's lies; the pixel's own bytes where it is too unlike, or its band does not reach.
inline Bytes neighbour(Bytes band, const BandSteps& steps, Bytes own) noexcept {
    const Bytes alike = equal(subtract(spread(steps.grey), bytes(blur_limit)), bytes(0));
    const Bytes slid = slide(band, steps.up, steps.down) & alike;
    return choose(equal(slid, bytes(0)), own, slid);
}

void blur_down(const uint8_t* const rows[3], const BandSteps& from_above, const BandSteps& from_below, size_t width,
               uint8_t* out) {
    const BandSteps above = from_above, below = from_below;
    for (size_t x = 0, at = 0; x < width; x += bands, at += lanes) {
        const Bytes own = load(rows[1] + at);
        const Bytes both = average(neighbour(load(rows[0] + at), above.from(x), own),
                                   neighbour(load(rows[2] + at), below.back().from(x), own));
        store(out + at, average(both, own));
    }
}

void blur_along(const uint8_t* row, const BandSteps& from_left, size_t width, uint8_t* out) {
    const BandSteps left = from_left, right = left.from(1).back();
    for (size_t x = 0, at = 0; x < width; x += bands, at += lanes) {
        const Bytes own = load(row + at);
        const Bytes both = average(neighbour(load(row + at - band_length), left.from(x), own),
                                   neighbour(load(row + at + band_length), right.from(x), own));
        store(out + at, average(both, own));
    }
}

// Paths

// A step along a path; all is taken from 255, so that max stands for min:
//
//     reached = cost − (best − max(before[shift], before[shift ± 1] − small, best − large)), best = max before
inline Bytes step(Bytes cost, Bytes before, const BandSteps& steps) noexcept {
    const Bytes best = greatest(before);
    const Bytes here = slide(before, steps.up, steps.down);
    const Bytes near = subtract(max(move_up<1>(here), move_down<1>(here)), bytes(small_change));
    const Bytes large = subtract(bytes(large_change), min(spread(steps.grey), bytes(most_relief)));
    return subtract(cost, subtract(best, max(max(here, near), subtract(best, large))));
}

void down(const uint8_t* costs, const BandSteps& from_above, size_t width, uint8_t* state, uint8_t* sums) {
    const BandSteps above = from_above;
    for (size_t x = 0, at = 0; x < width; x += bands, at += lanes) {
        const Bytes reached = step(load(costs + at), load(state + at), above.from(x));
        store(state + at, reached);
        if (sums != nullptr) store(sums + at, add(load(sums + at), from_255(reached)));
    }
}

// Rows of bytes, a vector's bands of them, as columns.
inline void interleave(const uint8_t* const rows[bands], size_t width, uint8_t* __restrict out) noexcept {
    for (size_t x = 0; x < width; ++x) {
        for (size_t k = 0; k < bands; ++k) out[x * bands + k] = rows[k][x];
    }
}

inline void load_columns(const uint8_t* const* rows, size_t x, Bytes (&columns)[bands]) noexcept {
    for (size_t k = 0; k < bands; ++k) columns[k] = load(rows[k] + x * band_length);
    transpose(columns);
}

inline void add_columns(uint8_t* const* rows, size_t x, Bytes (&columns)[bands]) noexcept {
    transpose(columns);
    for (size_t k = 0; k < bands; ++k) {
        uint8_t* const to = rows[k] + x * band_length;
        store(to, add(load(to), columns[k]));
    }
}

void along(const uint8_t* const* costs, const BandSteps* steps, size_t width, uint8_t* scratch,
           uint8_t* const* sums) {
    const size_t length = (width + 64) * bands;
    const uint8_t *greys[bands], *ups[bands], *downs[bands];
    for (size_t k = 0; k < bands; ++k) {
        greys[k] = steps[k].grey;
        ups[k] = steps[k].up;
        downs[k] = steps[k].down;
    }
    interleave(greys, width + 1, scratch);
    interleave(ups, width + 1, scratch + length);
    interleave(downs, width + 1, scratch + 2 * length);
    const BandSteps there{scratch, scratch + length, scratch + 2 * length}, back = there.back();
    const size_t blocks = (width + bands - 1) / bands;
    Bytes right = bytes(255), left = bytes(255), columns[bands];
    // The two directions take turns, so that the CPU works on one while it waits for the other.
    for (size_t i = 0; i < blocks; ++i) {
        const size_t x = i * bands, far = (blocks - 1 - i) * bands;
        load_columns(costs, x, columns);
        for (size_t k = 0; k < bands; ++k) {
            right = step(columns[k], right, there.from((x + k) * bands));
            columns[k] = from_255(right);
        }
        add_columns(sums, x, columns);
        load_columns(costs, far, columns);
        for (size_t k = bands; k-- > 0;) {
            if (far + k >= width) continue;
            left = step(columns[k], left, back.from((far + k + 1) * bands));
            columns[k] = from_255(left);
        }
        add_columns(sums, far, columns);
    }
}

// Winners

// Of each band the least sum's neighbour below, the least, its neighbour above and its place, a byte each.
inline Bytes find_least(Bytes sums) noexcept {
    const Bytes value = from_255(sums), best = greatest(value);
    const Bytes found = equal(value, best);
    // The lowest bit of the first of the least, and all bits of its byte.
    const Bytes bit = found & subtract_bands(bytes(0), found);
    const Bytes byte = subtract_bands(move_up<1>(bit), bit);
    const Bytes low = each_band(255), ones = each_band(0x0101010101010101);
    const Bytes place = sum(subtract_bands(bit, each_band(1)) & ones);
    return sum(sums & move_down<1>(byte)) | move_up<1>(from_255(best) & low) |
           move_up<2>(sum(sums & move_up<1>(byte))) | move_up<3>(place);
}

void winners(const uint8_t* sums, const int16_t* __restrict top, const int16_t* __restrict expected, size_t width,
             int most, uint32_t* __restrict scratch, float* __restrict out) {
    uint64_t toll = 0;
    for (int i = 0; i < static_cast<int>(band_length); ++i) {
        const int away = i < band_above ? band_above - i : i - band_above;
        toll |= static_cast<uint64_t>(per_shift * away) << (8 * i);
    }
    for (size_t x = 0; x < width; x += bands) {
        store_halves(scratch + x, find_least(add(load(sums + x * band_length), each_band(toll))));
    }
    constexpr int parts = 256;  // of a px
    // Costs grow with the distance, not with its square: two lines of one slope meet at the least.
    for (size_t x = 0; x < width; ++x) {
        const int before = static_cast<int>(scratch[x] & 255), least = static_cast<int>(scratch[x] >> 8 & 255);
        const int after = static_cast<int>(scratch[x] >> 16 & 255), place = static_cast<int>(scratch[x] >> 24);
        const int rise = (before > after ? before : after) - least;
        const int step = static_cast<int>(static_cast<float>(parts / 2 * (before - after)) /
                                          static_cast<float>(rise > 1 ? rise : 1));
        // Chosen by masks, not by a branch: the loop has no branch and becomes vectors.
        const int inner = -static_cast<int>((place > 0) & (place < static_cast<int>(band_length) - 1));
        int shift = ((parts * (top[x] - place) - step) & inner) | ((parts / 32 * expected[x]) & ~inner);
        shift = shift > 0 ? shift : 0;
        shift = shift < most * parts ? shift : most * parts;
        out[x] = static_cast<float>(shift) * (1.0F / parts);
    }
}

// Enlarging

constexpr int unit = 32;         // of a px
constexpr int one_surface = 48;  // four neighbours that lie no farther apart
constexpr int per_px = 6;        // of colour, what a neighbour is charged for being one px farther off

inline Words load_shifts(const int16_t* from) noexcept { return load(reinterpret_cast<const uint16_t*>(from)); }

// How far a run of full-size pixels is in colour from the half-size pixels on their left and on their right.
struct Likeness {
    Bytes left, right;

    inline Likeness(const uint8_t* const half[3], const uint8_t* const colour[3], ptrdiff_t i, int extra) noexcept {
        left = right = bytes(extra);
        for (size_t k = 0; k < 3; ++k) {
            const Bytes here = load(colour[k] + 2 * i + 1);
            left = add(left, difference(here, twice(half[k] + i)));
            right = add(right, difference(here, twice(half[k] + i + 1)));
        }
    }
};

// The shift of pixels between four half-size ones, of which a is nearest, b and c are beside it, and d is across.
inline Words between(const Words (&shift)[4], const Words (&charge)[4]) noexcept {
    Words best = charge[0], found = shift[0];
    for (int i = 1; i < 4; ++i) take_less(charge[i], shift[i], best, found);
    const Words low = min(min(shift[0], shift[1]), min(shift[2], shift[3]));
    const Words high = max(max(shift[0], shift[1]), max(shift[2], shift[3]));
    const Words sides = subtract(add(shift[1], shift[2]), add(low, low)), near = subtract(shift[0], low);
    Words sum = add(add(sides, add(sides, sides)), add(subtract(shift[3], low), words(8)));
    sum = add(sum, add(near, add(add(near, near), add(near, near))));
    sum = add(sum, add(add(near, near), add(near, near)));
    Words spread = subtract(high, low), most = words(one_surface + 1);
    take_less(spread, add(low, shift_right<4>(sum)), most, found);
    return found;
}

inline Words top_of(Words shift) noexcept {
    return add(shift_right<5>(add(shift, words(unit / 2))), words(band_above));
}

// Pairs of full-size pixels, 2i + 1 and 2i + 2, lie between the half-size pixels i and i + 1.
void enlarge(const int16_t* near_shift, const int16_t* far_shift, const uint8_t* const near_colour[3],
             const uint8_t* const far_colour[3], const uint8_t* const colour[3], size_t width, int16_t* out,
             int16_t* top) {
    constexpr size_t pairs = lanes / 2;
    uint8_t farther_left[lanes], farther_right[lanes];
    for (size_t n = 0; n < pairs; ++n) {
        farther_left[2 * n] = farther_right[2 * n + 1] = 0;
        farther_left[2 * n + 1] = farther_right[2 * n] = per_px;
    }
    for (ptrdiff_t i = -1; 2 * i + 1 < to_signed(width); i += to_signed(pairs)) {
        const Likeness near(near_colour, colour, i, 0), far(far_colour, colour, i, per_px);
        const Bytes left = add(near.left, load(farther_left)), right = add(near.right, load(farther_right));
        const Bytes far_left = add(far.left, load(farther_left)), far_right = add(far.right, load(farther_right));
        const Words a = load_shifts(near_shift + i), b = load_shifts(near_shift + i + 1);
        const Words c = load_shifts(far_shift + i), d = load_shifts(far_shift + i + 1);
        const Words first = between({a, b, c, d}, {even(left), even(right), even(far_left), even(far_right)});
        const Words second = between({b, a, d, c}, {odd(right), odd(left), odd(far_right), odd(far_left)});
        store_in_turns(out + 2 * i + 1, first, second);
        store_in_turns(top + 2 * i + 1, top_of(first), top_of(second));
    }
}

}  // namespace

extern const BandRows band_rows;
const BandRows band_rows{bands,      upper_bytes, census, steps, costs,  blur_down,
                         blur_along, down,        along,  winners, enlarge};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
