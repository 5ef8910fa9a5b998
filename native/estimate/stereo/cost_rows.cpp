#include "estimate/stereo/cost_rows.hpp"

#include "estimate/stereo/lanes.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::int16_t;
using std::ptrdiff_t;

constexpr int most_hamming = 20;
constexpr int most_difference = 30;

inline ptrdiff_t to_signed(size_t count) noexcept { return static_cast<ptrdiff_t>(count); }

struct Offset {
    int x, y;
};
// What the census compares a pixel with: the whole 5 × 5 window and eight samples around it.
constexpr Offset neighbours[8 * census_planes] = {
    {-2, -2}, {-1, -2}, {0, -2}, {1, -2}, {2, -2}, {-2, -1}, {-1, -1}, {0, -1},  //
    {1, -1},  {2, -1},  {-2, 0}, {-1, 0}, {1, 0},  {2, 0},   {-2, 1},  {-1, 1},  //
    {0, 1},   {1, 1},   {2, 1},  {-2, 2}, {-1, 2}, {0, 2},   {1, 2},   {2, 2},   //
    {-3, 0},  {3, 0},   {0, -3}, {0, 3},  {-4, 0}, {4, 0},   {-3, -1}, {3, 1}};

void census(const uint8_t* const high[7], const uint8_t* const low[7], size_t width,
            uint8_t* const planes[census_planes]) {
    for (int plane = 0; plane < census_planes; ++plane) {
        uint8_t* const out = planes[plane];
        for (size_t x = 0; x < width; x += lanes) {
            const Bytes centre = load(high[3] + x), centre_low = load(low[3] + x);
            Bytes code = bytes(0);
            for (int bit = 0; bit < 8; ++bit) {
                const Offset at = neighbours[8 * plane + bit];
                const ptrdiff_t there = to_signed(x) + at.x;
                const Bytes other = load(high[3 + at.y] + there), other_low = load(low[3 + at.y] + there);
                // Not 0 where other < centre.
                const Bytes below = subtract(centre, other) | (equal(centre, other) & subtract(centre_low, other_low));
                code = add(add(code, code), min(below, bytes(1)));
            }
            store(out + x, code);
        }
    }
}

void colour_steps(const uint8_t* const a[3], const uint8_t* const b[3], size_t width, uint8_t* out) {
    for (size_t x = 0; x < width; x += lanes) {
        const Bytes step = max(difference(load(a[0] + x), load(b[0] + x)), difference(load(a[1] + x), load(b[1] + x)));
        store(out + x, max(step, difference(load(a[2] + x), load(b[2] + x))));
    }
}

struct Code {
    Bytes grey, census[census_planes];

    static inline Code of(const CodedRow& row, ptrdiff_t x) noexcept {
        return {load(row.grey + x),
                {load(row.census[0] + x), load(row.census[1] + x), load(row.census[2] + x), load(row.census[3] + x)}};
    }
};

inline Bytes hamming(const Code& left, const Code& right) noexcept {
    const Bytes a = left.census[0] ^ right.census[0], b = left.census[1] ^ right.census[1];
    const Bytes c = left.census[2] ^ right.census[2], d = left.census[3] ^ right.census[3];
    // Full adders: three bits that count 1 become one that counts 1 and one that counts 2.
    const Bytes odd_of_three = a ^ b ^ c;
    const Bytes twos = majority(a, b, c);
    return add(count_bits<1>(odd_of_three ^ d), add(count_bits<2>(twos), count_bits<2>(odd_of_three & d)));
}

void raw_cost(const CodedRow& left, const CodedRow& right, size_t width, size_t stride, size_t shifts, uint8_t* out) {
    const CodedRow l = left, r = right;
    for (size_t x = 0; x < width; x += lanes) {
        const Code here = Code::of(l, to_signed(x));
        uint8_t* to = out + x;
        for (ptrdiff_t at = to_signed(x), end = at - to_signed(shifts); at > end; --at, to += stride) {
            const Code there = Code::of(r, at);
            const Bytes bits = min(hamming(here, there), bytes(most_hamming));
            const Bytes away = min(difference(here.grey, there.grey), bytes(most_difference));
            store(to, add(bits, shift_right<1>(away)));
        }
    }
}

// 255 where a step is no more than the limit.
inline Bytes within(const uint8_t* steps, Bytes limit) noexcept {
    return equal(subtract(load(steps), limit), bytes(0));
}

inline Bytes weighted_1_2_1(Bytes before, Bytes here, Bytes after) noexcept {
    return average(average(before, after), here);
}

// How far shifts lie from the expected ones, for as long as `chunk` more shifts: bytes hold that many.
constexpr size_t chunk = 128;
constexpr int chunk_origin = 64;

inline void expect(const Expected& expected, size_t width, size_t first, uint8_t* out) noexcept {
    for (size_t x = 0; x < width; ++x) {
        const int place = expected.shift[x] - static_cast<int>(first) + chunk_origin;
        out[x] = static_cast<uint8_t>(place < 0 ? 0 : place > 255 ? 255 : place);
    }
}

template <bool guided>
void blur_of(const uint8_t* const raw[3], const ColourSteps steps[2], size_t width, size_t stride, size_t shifts,
             int limit, const Expected* expected, uint8_t* scratch, uint8_t* out) noexcept {
    const size_t blocks = (width + lanes - 1) / lanes;
    const Bytes most = bytes(limit);
    // Masks of four neighbours for each pixel; a row of costs weighted downwards, a vector free on either side; where
    // shifts are expected.
    uint8_t* const masks = scratch;
    uint8_t* const column = scratch + (4 * blocks + 1) * lanes;
    uint8_t* const place = column + (blocks + 1) * lanes;
    for (size_t x = 0, at = 0; x < width; x += lanes, at += 4 * lanes) {
        store(masks + at, within(steps[0].above[0] + x, most));
        store(masks + at + lanes, within(steps[1].above[0] + x, most));
        store(masks + at + 2 * lanes, within(steps[0].left + x, most));
        store(masks + at + 3 * lanes, within(steps[0].left + x + 1, most));
    }
    uint8_t inside[lanes];  // of the last block
    for (size_t lane = 0; lane < lanes; ++lane) inside[lane] = (blocks - 1) * lanes + lane < width ? 255 : 0;
    for (size_t shift = 0; shift < shifts; ++shift) {
        const uint8_t* const above = raw[0] + shift * stride;
        const uint8_t* const here = raw[1] + shift * stride;
        const uint8_t* const below = raw[2] + shift * stride;
        for (size_t x = 0, at = 0; x < width; x += lanes, at += 4 * lanes) {
            const Bytes centre = load(here + x);
            store(column + x, weighted_1_2_1(choose(load(masks + at), load(above + x), centre), centre,
                                             choose(load(masks + at + lanes), load(below + x), centre)));
        }
        column[-1] = column[0];
        column[width] = column[width - 1];
        if (guided && shift % chunk == 0) expect(*expected, width, shift, place);
        const Bytes now = bytes(static_cast<int>(shift % chunk) + chunk_origin);
        const Bytes free = bytes(guided ? expected->free : 0);
        const bool twice = guided && expected->slope == 2;
        uint8_t* to = out + shift * lanes;
        for (size_t x = 0, at = 0; x < width; x += lanes, at += 4 * lanes, to += shifts * lanes) {
            const Bytes centre = load(column + x);
            Bytes cost = weighted_1_2_1(choose(load(masks + at + 2 * lanes), load(column + x - 1), centre), centre,
                                        choose(load(masks + at + 3 * lanes), load(column + x + 1), centre));
            if (guided) {
                const Bytes away = subtract(difference(load(place + x), now), free);
                cost = add(cost, min(twice ? add(away, away) : away, load(expected->most + x)));
            }
            if (x + lanes > width) cost = cost & load(inside);
            store(to, cost);
        }
    }
}

void blur_cost(const uint8_t* const raw[3], const ColourSteps steps[2], size_t width, size_t stride, size_t shifts,
               int limit, const Expected* expected, uint8_t* scratch, uint8_t* out) {
    if (expected != nullptr) {
        blur_of<true>(raw, steps, width, stride, shifts, limit, expected, scratch, out);
    } else {
        blur_of<false>(raw, steps, width, stride, shifts, limit, expected, scratch, out);
    }
}

}  // namespace

extern const CostRows cost_rows;
const CostRows cost_rows{census, colour_steps, raw_cost, blur_cost};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
