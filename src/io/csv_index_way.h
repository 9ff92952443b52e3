/* SPDX-License-Identifier: MIT */
/* csv_index_way.h - the index and the marks of quotes, for one set of instructions: included by csv_index.c once for each.
 *
 * Needs WAY(name), a name of this way's own; WAY_TARGET before each function; and of this way, for 64 bytes each,
 * WAY(masks)(bytes, delimiter), WAY(quotes)(bytes), WAY(second_of_two)(bytes, masks, marks): those of `marks`, each right
 * behind another control byte, that are the LF of a CR LF; and WAY(put_places)(to, ends, at): the set bits of `ends` plus
 * `at`, with room for 64 of them. All ways give the same. */

WAY_TARGET static csv_masks WAY(masks_of_tail)(const uint8_t *bytes, size_t left, uint8_t delimiter)
{
    uint8_t tail[CSV_BLOCK] = {0};
    uint64_t there = (UINT64_C(1) << left) - 1;
    memcpy(tail, bytes, left);
    csv_masks m = WAY(masks)(tail, delimiter);
    m.quote &= there, m.delimiter &= there, m.control &= there;
    return m;
}

/* Notes the field ends of a block; those that are `line_ends` too end a row. */
WAY_TARGET static inline void WAY(put_ends)(csv_index *x, uint64_t ends, uint64_t line_ends, uint32_t at)
{
    do {                                            /* most blocks have one or none: no branch between these */
        uint64_t before_it = (line_ends & (0 - line_ends)) - 1;
        x->last[x->rows] = (uint16_t)(x->count + count_bits64(ends & before_it));
        x->lines[x->rows] = (uint16_t)x->inner;
        x->rows += line_ends != 0;
        line_ends &= line_ends - 1;
    } while (line_ends);
    x->count += WAY(put_places)(x->ends + x->count, ends, at);
}

/* Notes a block at offset `at` of the index; false, and nothing noted, where parity is not the rule. */
WAY_TARGET static inline bool WAY(put_block)(csv_index *x, const uint8_t *block, const csv_masks *m, uint32_t at, before *b)
{
    uint64_t parity = m->quote ? prefix_xor64(m->quote) ^ b->inside : b->inside;
    uint64_t control = m->control & ~m->delimiter, ends = (m->delimiter | control) & ~parity;
    uint64_t open = m->quote & parity, close = m->quote & ~parity, behind_close = close << 1 | b->close;
    uint64_t odd = (open & ~(ends << 1 | b->end | behind_close)) | (behind_close & ~(open | ends));
    uint64_t behind_control = control << 1 | b->control, inner = control & parity, first = open & behind_control;
    if (odd || (inner && !no_zeros(block, inner)) || (first && !behind_line_ends(block, first))) return false;
    uint32_t row = x->rows;
    uint64_t here = ~(parity | WAY(second_of_two)(block, m, control & behind_control & ~parity));
    WAY(put_ends)(x, ends & here, control & here, at);
    if (inner) put_inner(x, block, inner, at, row);
    *b = (before){0 - (parity >> 63), ends >> 63, close >> 63, control >> 63};
    return true;
}

WAY_TARGET static bool WAY(fill)(csv_index *x, const csv_input *in, uint8_t delimiter)
{
    const uint8_t *bytes = in->bytes + in->at;
    size_t left = in->len - in->at, len = left < CSV_INDEX_BYTES ? left : CSV_INDEX_BYTES;
    before b = {0, 1, 0, 0};           /* where a row begins */
    bool regular = true;
    x->from = in->at;
    x->count = x->rows = x->next = x->first = x->inner = 0;
    for (uint32_t at = 0; regular && at < len; at += CSV_BLOCK) {
        csv_masks m = len - at < CSV_BLOCK ? WAY(masks_of_tail)(bytes + at, len - at, delimiter) : WAY(masks)(bytes + at, delimiter);
        regular = WAY(put_block)(x, bytes + at, &m, at, &b);
    }
    return x->rows > 0;
}

WAY_TARGET static void WAY(mark_quotes)(const uint8_t *bytes, size_t blocks, uint64_t *marks)
{
    for (size_t i = 0; i < blocks; ++i) marks[i] = WAY(quotes)(bytes + CSV_BLOCK * i);
}

#undef WAY
#undef WAY_TARGET
