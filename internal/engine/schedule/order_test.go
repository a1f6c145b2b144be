package schedule

import (
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

var (
	small   = is(engine.Small)
	large   = is(engine.Large)
	unknown = is(engine.Unknown)
	strange = is(engine.Size(77)) // counts as large
)

// many are n queries of a client at the same time.
func many(n int, q query) []query {
	all := make([]query, n)
	for i := range all {
		all[i] = q
		all[i].name = q.name + "#" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
	}
	return all
}

func join(lists ...[]query) []query {
	var all []query
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// Who goes when, to the millisecond.
func TestOrder(t *testing.T) {
	const s = time.Second
	one := Config{Places: 1, Queue: 100, QueuePerClient: 100, Wait: 10 * s}
	two := Config{Places: 2, Queue: 100, QueuePerClient: 100, Wait: 10 * s}
	for _, c := range []struct {
		name    string
		config  Config
		queries []query
		want    map[string]string
	}{
		{
			"a free place", two,
			[]query{
				{name: "1", client: "a", hold: s, size: func() engine.Size { panic("asked though a place is free") }},
				{name: "2", client: "a", hold: s},
			},
			map[string]string{"1": "0s", "2": "0s"},
		},
		{
			"in order within a client, small before large", one,
			[]query{
				{name: "first", client: "a", hold: s},
				{name: "large 1", client: "a", hold: s, size: large},
				{name: "unknown", client: "a", hold: s, size: unknown},
				{name: "nil", client: "a", hold: s},
				{name: "small 1", client: "a", hold: s, size: small},
				{name: "strange", client: "a", hold: s, size: strange},
				{name: "small 2", client: "a", hold: s, size: small},
			},
			map[string]string{"small 1": "1s", "small 2": "2s", "large 1": "3s", "unknown": "4s", "nil": "5s", "strange": "6s"},
		},
		{
			"who has used nothing, before who floods", one,
			join(
				many(9, query{name: "a", client: "a", hold: s}),
				[]query{
					{name: "b", client: "b", at: 500 * ms, hold: s, size: large},
					{name: "c", client: "c", at: 600 * ms, hold: s, size: large},
					{name: "", client: "", at: 700 * ms, hold: s, size: large}, // one like any other
				},
			),
			map[string]string{"b": "500ms", "c": "1.4s", "": "2.3s", "a#001": "4s"},
		},
		{
			"in turns", one,
			join(
				many(3, query{name: "a", client: "a", hold: s}),
				many(3, query{name: "b", client: "b", hold: s}),
			),
			map[string]string{"a#000": "0s", "b#000": "1s", "a#001": "2s", "b#001": "3s", "a#002": "4s", "b#002": "5s"},
		},
		{
			"who has used less, though it came later", one,
			[]query{
				{name: "a1", client: "a", hold: 5 * s},
				{name: "b1", client: "b", at: 6 * s, hold: s},
				{name: "c", client: "c", at: 10 * s, hold: s},
				{name: "a2", client: "a", at: 10100 * ms, hold: s},
				{name: "b2", client: "b", at: 10200 * ms, hold: s},
			},
			map[string]string{"b2": "800ms", "a2": "1.9s"},
		},
		{
			"yesterday is forgotten", one,
			[]query{
				{name: "a1", client: "a", hold: 60 * s},
				{name: "b1", client: "b", at: 1000 * s, hold: 100 * ms},
				{name: "c", client: "c", at: 1001 * s, hold: s},
				{name: "b2", client: "b", at: 1001*s + 100*ms, hold: s},
				{name: "a2", client: "a", at: 1001*s + 200*ms, hold: s},
			},
			map[string]string{"a2": "800ms", "b2": "1.9s"},
		},
		{
			"what runs has been used", two,
			[]query{
				{name: "a1", client: "a", hold: 20 * s},
				{name: "b1", client: "b", hold: 2 * s},
				{name: "c", client: "c", at: 5 * s, hold: s},
				{name: "a2", client: "a", at: 5100 * ms, hold: s},
				{name: "b2", client: "b", at: 5200 * ms, hold: s},
			},
			map[string]string{"b2": "800ms", "a2": "1.9s"},
		},
		{
			"one place is kept for small queries", two,
			[]query{
				{name: "a", client: "a", hold: 9 * s},
				{name: "b", client: "b", hold: s},
				{name: "large", client: "c", at: 100 * ms, hold: s, size: large},
				{name: "small 1", client: "d", at: 200 * ms, hold: s, size: small},
				{name: "small 2", client: "d", at: 300 * ms, hold: s, size: small},
				{name: "large 2", client: "c", at: 400 * ms, hold: s, size: large},
			},
			map[string]string{"small 1": "800ms", "small 2": "1.7s", "large": "2.9s", "large 2": "3.6s"},
		},
		{
			"of several places, only the last is kept",
			Config{Places: 3, Queue: 9, Wait: 9 * s},
			[]query{
				{name: "a", client: "a", hold: 5 * s},
				{name: "b", client: "b", hold: s},
				{name: "c", client: "c", hold: 2 * s},
				{name: "small", client: "d", at: 200 * ms, hold: 4 * s, size: small},
				{name: "large", client: "e", at: 100 * ms, hold: s, size: large},
				{name: "large 2", client: "f", at: 300 * ms, hold: s, size: large},
			},
			map[string]string{"small": "800ms", "large": "1.9s", "large 2": "2.7s"},
		},
		{
			"no spares: a large query waits for large ones, not only for half of Wait",
			Config{Places: 2, Queue: 100, QueuePerClient: 99, Wait: 4 * s},
			join(
				[]query{{name: "a", client: "a", hold: 5 * s}, {name: "b", client: "b", hold: s}},
				[]query{{name: "large", client: "z", at: 100 * ms, hold: s, size: large}},
				many(7, query{name: "small", client: "s", at: 200 * ms, hold: 600 * ms, size: small}),
			),
			map[string]string{"small#000": "800ms", "small#005": "3.8s", "large": ErrWaited.Error()},
		},
		{
			"one place: small before large, for half of Wait",
			Config{Places: 1, Queue: 100, Wait: 6 * s},
			[]query{
				{name: "a", client: "a", hold: s},
				{name: "large", client: "z", at: 0, hold: s, size: large},
				{name: "large 2", client: "z", at: 0, hold: s, size: large},
				{name: "s1", client: "s1", at: 100 * ms, hold: s, size: small},
				{name: "s2", client: "s2", at: 200 * ms, hold: s, size: small},
				{name: "s3", client: "s3", at: 300 * ms, hold: s, size: small},
				{name: "s4", client: "s4", at: 2400 * ms, hold: s, size: small},
				{name: "s5", client: "s5", at: 2500 * ms, hold: s, size: small},
			},
			// At 4 s the large one is overdue, but its client's next is not after it.
			map[string]string{"s1": "900ms", "s2": "1.8s", "s3": "2.7s", "large": "4s", "s4": "2.6s", "s5": "3.5s", "large 2": ErrWaited.Error()},
		},
		{
			"a client's own small queries pass its large one for half of Wait",
			Config{Places: 1, Queue: 100, QueuePerClient: 99, Wait: 6 * s},
			join(
				[]query{
					{name: "a", client: "a", hold: s},
					{name: "large 1", client: "a", hold: 100 * ms, size: large},
					{name: "large 2", client: "a", hold: 100 * ms, size: large},
				},
				many(10, query{name: "small", client: "a", hold: 500 * ms, size: small}),
			),
			map[string]string{"small#000": "1s", "small#004": "3s", "large 1": "3.5s", "small#005": "3.6s", "large 2": ErrWaited.Error()},
		},
		{
			"who used much is served all the same after half of Wait",
			Config{Places: 1, Queue: 100, Wait: 6 * s},
			join(
				[]query{
					{name: "a1", client: "a", hold: 60 * s},
					{name: "a2", client: "a", at: 59 * s, hold: s},
				},
				many(1, query{name: "b", client: "b", at: 59 * s, hold: s}),
				many(1, query{name: "c", client: "c", at: 60 * s, hold: s}),
				many(1, query{name: "d", client: "d", at: 61 * s, hold: s}),
				many(1, query{name: "e", client: "e", at: 62 * s, hold: s}),
				many(1, query{name: "f", client: "f", at: 63 * s, hold: s}),
			),
			// Its last place ended at 60 s.
			map[string]string{"b#000": "1s", "c#000": "1s", "d#000": "1s", "e#000": "1s", "a2": "5s", "f#000": "2s"},
		},
		{
			"who runs something is never overdue",
			Config{Places: 2, Queue: 100, Wait: 6 * s},
			[]query{
				{name: "a1", client: "a", hold: 9 * s},
				{name: "b", client: "b", hold: 4 * s},
				{name: "a2", client: "a", at: 100 * ms, hold: s},
				{name: "c", client: "c", at: 3 * s, hold: 1900 * ms},
			},
			map[string]string{"c": "1s", "a2": "5.8s"},
		},
		{
			"of those overdue, who has waited longest",
			Config{Places: 1, Queue: 100, Wait: 6 * s},
			[]query{
				{name: "a1", client: "a", hold: 2 * s},
				{name: "b", client: "b", at: 2100 * ms, hold: 4 * s},
				{name: "a2", client: "a", at: 2200 * ms, hold: s},
				{name: "c", client: "c", at: 2300 * ms, hold: s},
			},
			map[string]string{"a2": "3.9s", "c": "4.8s"},
		},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, play(t, c.config, c.queries), c.want) })
	}
}
