package encode

import "math/bits"

// arrowBitmap collects validity: one bit a row, 0 for NULL. As long as nothing is NULL it only counts.
type arrowBitmap struct {
	words    []uint64 // nothing beyond bit n is set
	n, zeros int
}

func (b *arrowBitmap) reset() { b.words, b.n, b.zeros = b.words[:0], 0, 0 }

// add appends the bits [from, to) of a vector's validity.
func (b *arrowBitmap) add(valid []uint64, from, to int) {
	zeros := countNulls(valid, from, to)
	if zeros == 0 {
		b.addOnes(to - from)
		return
	}
	b.materialise()
	for i := from; i < to; i += 64 {
		b.push(bitsFrom(valid, i), min(64, to-i))
	}
	b.zeros += zeros
}

func (b *arrowBitmap) addOnes(n int) {
	if b.zeros == 0 {
		b.n += n
		return
	}
	for ; n > 0; n -= 64 {
		b.push(^uint64(0), min(64, n))
	}
}

func (b *arrowBitmap) addZeros(n int) {
	if n == 0 {
		return
	}
	b.materialise()
	b.zeros += n
	for ; n > 0; n -= 64 {
		b.push(0, min(64, n))
	}
}

// materialise writes down the ones that were only counted.
func (b *arrowBitmap) materialise() {
	if b.zeros > 0 {
		return
	}
	n := b.n
	b.words, b.n = b.words[:0], 0
	for ; n > 0; n -= 64 {
		b.push(^uint64(0), min(64, n))
	}
}

// push appends the first n bits of w, 1 ≤ n ≤ 64.
func (b *arrowBitmap) push(w uint64, n int) {
	w &= ^uint64(0) >> (64 - uint(n))
	shift := uint(b.n) & 63
	b.n += n
	if shift == 0 {
		b.words = append(b.words, w)
		return
	}
	b.words[len(b.words)-1] |= w << shift
	if shift+uint(n) > 64 {
		b.words = append(b.words, w>>(64-shift))
	}
}

// bitsFrom returns 64 bits from bit i on, or as many as there are.
func bitsFrom(words []uint64, i int) uint64 {
	at, shift := uint(i)>>6, uint(i)&63
	w := words[at] >> shift
	if shift > 0 && at+1 < uint(len(words)) {
		w |= words[at+1] << (64 - shift)
	}
	return w
}

// countNulls returns how many of the bits [from, to) are 0. Where there are no words, none is.
func countNulls(valid []uint64, from, to int) int {
	if valid == nil {
		return 0
	}
	zeros := 0
	for i := from; i < to; i += 64 {
		zeros += bits.OnesCount64(^bitsFrom(valid, i) & (^uint64(0) >> uint(64-min(64, to-i))))
	}
	return zeros
}

// runs calls valid and null for the runs of rows in [from, to), in their order.
func (v *Vector) runs(from, to int, valid func(from, to int), null func(n int)) {
	if countNulls(v.Valid, from, to) == 0 {
		if from < to {
			valid(from, to)
		}
		return
	}
	for from < to {
		end := from + 1
		isNull := v.null(from)
		for end < to && v.null(end) == isNull {
			end++
		}
		if isNull {
			null(end - from)
		} else {
			valid(from, end)
		}
		from = end
	}
}
