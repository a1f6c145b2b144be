package schedule

import (
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

func TestSpares(t *testing.T) {
	const s = time.Second
	c11 := Config{Places: 1, Spares: 1, Queue: 100, QueuePerClient: 99, Wait: 10 * s}
	c12 := Config{Places: 1, Spares: 2, Queue: 100, QueuePerClient: 99, Wait: 10 * s}
	c22 := Config{Places: 2, Spares: 2, Queue: 100, QueuePerClient: 99, Wait: 10 * s}
	for _, c := range []struct {
		name    string
		config  Config
		queries []query
		want    map[string]string
	}{
		{
			"all but the last are for anybody who runs nothing", c12,
			[]query{
				{name: "a", client: "a", hold: 5 * s},
				{name: "a2", client: "a", hold: s, size: small},
				{name: "b", client: "b", at: 100 * ms, hold: 9 * s, size: func() engine.Size { panic("asked though it may have any spare place") }},
				{name: "c", client: "c", at: 200 * ms, hold: s, size: large},
				{name: "d", client: "d", at: 300 * ms, hold: s, size: small},
				{name: "e", client: "e", at: 400 * ms, hold: s, size: small},
			},
			map[string]string{"b": "spare after 0s", "d": "spare after 0s", "e": "spare after 900ms", "a2": "5s", "c": "5.8s"},
		},
		{
			"not while something small will end soon", c11,
			[]query{
				{name: "a1", client: "a", hold: 100 * ms},
				{name: "a2", client: "a", hold: 500 * ms, size: small},
				{name: "b", client: "b", at: 200 * ms, hold: s, size: small},
			},
			map[string]string{"a2": "100ms", "b": "400ms"},
		},
		{
			"when a small query turns out to be long", c11,
			[]query{
				{name: "a1", client: "a", hold: 100 * ms},
				{name: "a2", client: "a", hold: 5 * s, size: small},
				{name: "a3", client: "a", at: 200 * ms, hold: s, size: small}, // its client runs something
				{name: "b", client: "b", at: 200 * ms, hold: s, size: small},
			},
			map[string]string{"a2": "100ms", "b": "spare after 900ms", "a3": "4.9s"},
		},
		{
			"when the last of several turns out to be long",
			Config{Places: 2, Spares: 1, Queue: 9, QueuePerClient: 9, Wait: 10 * s, LongRunning: 2 * s},
			[]query{
				{name: "a1", client: "a", hold: 100 * ms},
				{name: "b1", client: "b", hold: 300 * ms},
				{name: "a2", client: "a", hold: 9 * s, size: small},
				{name: "b2", client: "b", hold: 9 * s, size: small},
				{name: "c", client: "c", at: time.Second, hold: s, size: small},
			},
			map[string]string{"b2": "100ms", "a2": "300ms", "c": "spare after 1.3s"},
		},
		{
			"when the first turns out to be long, and the other place is kept for small ones",
			c22,
			[]query{
				{name: "a1", client: "a", hold: 100 * ms},
				{name: "b1", client: "b", hold: 300 * ms},
				{name: "b2", client: "b", hold: 9 * s, size: small},
				{name: "a2", client: "a", hold: 9 * s, size: small},
				{name: "a3", client: "a", hold: s, size: small},
				{name: "c", client: "c", at: 500 * ms, hold: s, size: large},
			},
			map[string]string{"b2": "100ms", "a2": "300ms", "c": "spare after 600ms"},
		},
		{
			"a client's own small query goes first, also where only its large one may have a spare place",
			c22,
			[]query{
				{name: "a", client: "a", hold: 9 * s},
				{name: "b1", client: "b", hold: 100 * ms},
				{name: "b2", client: "b", hold: 900 * ms, size: small},
				{name: "c1", client: "c", at: 200 * ms, hold: s, size: small},
				{name: "c2", client: "c", at: 200 * ms, hold: s, size: large},
			},
			map[string]string{"b2": "100ms", "c1": "800ms", "c2": "1.8s"},
		},
		{
			"a newcomer at the moment of the alarm does not pass", c12,
			[]query{
				{name: "a1", client: "a", hold: 100 * ms},
				{name: "a2", client: "a", hold: 5 * s, size: small},
				{name: "b", client: "b", at: 200 * ms, hold: 3 * s, size: large},
				{name: "c", client: "c", at: 1100*ms - 3, hold: s, size: large}, // at 1.1 s exactly
			},
			map[string]string{"b": "spare after 900ms", "c": "spare after 3s"}, // when b has left,
		},
		{
			"a large query whose place is kept for small ones", c22,
			[]query{
				{name: "a1", client: "a", hold: 9 * s},
				{name: "b1", client: "b", hold: 100 * ms},
				{name: "b2", client: "b", hold: 800 * ms, size: small},
				{name: "b3", client: "b", hold: 800 * ms, size: small},
				{name: "b4", client: "b", hold: 800 * ms, size: small},
				{name: "c", client: "c", at: 500 * ms, hold: 5 * s, size: large},
			},
			map[string]string{"b2": "100ms", "b3": "900ms", "b4": "1.7s", "c": "spare after 0s"},
		},
		{
			"a spare is wanted back before somebody gets a second place", c22,
			join(
				[]query{{name: "a0", client: "a", hold: s}, {name: "a00", client: "a", hold: 2 * s}},
				many(8, query{name: "a", client: "a", at: 50 * ms, hold: 10 * s}),
				[]query{
					{name: "c", client: "c", at: 100 * ms, hold: 9 * s, size: large},
					{name: "d", client: "d", at: 1500 * ms, hold: s, size: large},
				},
			),
			// c moves into a's place at 1 s, so that d finds a spare; d moves at 2 s
			// only if nobody waits who runs nothing: a does.
			map[string]string{"c": "spare after 0s", "d": "spare after 0s", "a#000": "1.95s"},
		},
		{
			"but a large query not in the place that is kept for small ones", c22,
			[]query{
				{name: "a1", client: "a", hold: 9 * s},
				{name: "b", client: "b", hold: s},
				{name: "c", client: "c", hold: 9 * s, size: large},
				{name: "a2", client: "a", hold: s, size: small},
			},
			map[string]string{"c": "spare after 0s", "a2": "1s"},
		},
		{
			"a large query is overdue: small ones have the spare",
			Config{Places: 2, Spares: 1, Queue: 100, QueuePerClient: 99, Wait: 4 * s},
			join(
				[]query{{name: "a", client: "a", hold: 9 * s}, {name: "b", client: "b", hold: s}},
				[]query{{name: "large", client: "z", at: 100 * ms, hold: 9 * s, size: large}},
				many(9, query{name: "small", client: "s", at: 200 * ms, hold: 600 * ms, size: small}),
			),
			map[string]string{"small#000": "spare after 0s", "large": "2.5s"},
		},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, play(t, c.config, c.queries), c.want) })
	}
}
