package schedule

import (
	"testing"
	"time"
)

func TestQueueBounds(t *testing.T) {
	const s = time.Second
	full, own, out := ErrQueueFull.Error(), ErrClientQueueFull.Error(), ErrPushedOut.Error()
	for _, c := range []struct {
		name    string
		config  Config
		queries []query
		want    map[string]string
	}{
		{
			"nobody waits",
			Config{Places: 1},
			[]query{{name: "1", client: "a", hold: s}, {name: "2", client: "b", hold: s}},
			map[string]string{"1": "0s", "2": full},
		},
		{
			"a client's share",
			Config{Places: 1, Queue: 8, Wait: 9 * s},
			append(many(4, query{name: "a", client: "a", hold: s}), query{name: "b", client: "b", hold: s}),
			map[string]string{"a#001": "2s", "a#002": "3s", "a#003": own, "b": "1s"},
		},
		{
			"the newest of who has most gives way",
			Config{Places: 1, Queue: 4, QueuePerClient: 4, Wait: 9 * s},
			join(
				many(5, query{name: "a", client: "a", hold: s}),
				[]query{
					{name: "b1", client: "b", at: 100 * ms, hold: s}, // 4 of a: the last gives way
					{name: "a5", client: "a", at: 200 * ms, hold: s},
					{name: "b2", client: "b", at: 300 * ms, hold: s},             // 3 of a, 1 of b
					{name: "c", client: "c", at: 400 * ms, hold: s, size: small}, // 2 of a and of b: a has used more
				},
			),
			map[string]string{"a#004": out, "a#003": out, "a#002": out, "a5": full, "c": "600ms", "b1": "1.9s", "a#001": "3s", "b2": "3.7s"},
		},
		{
			"the newest, of whatever size",
			Config{Places: 1, Queue: 3, QueuePerClient: 3, Wait: 9 * s},
			[]query{
				{name: "0", client: "a", hold: s},
				{name: "1", client: "a", hold: s, size: large},
				{name: "2", client: "a", hold: s, size: large},
				{name: "3", client: "a", hold: s, size: small},
				{name: "b", client: "b", at: 100 * ms, hold: s},
			},
			map[string]string{"3": out, "b": "900ms", "1": "2s", "2": "3s"},
		},
		{
			"equals are not pushed out",
			Config{Places: 1, Queue: 2, QueuePerClient: 2, Wait: 9 * s},
			[]query{
				{name: "0", client: "z", hold: s},
				{name: "a", client: "a", hold: s},
				{name: "b", client: "b", hold: s},
				{name: "c", client: "c", hold: s},
			},
			map[string]string{"a": "1s", "b": "2s", "c": full},
		},
		{
			"who waited long enough, and who left",
			Config{Places: 1, Queue: 9, QueuePerClient: 9, Wait: 2 * s},
			[]query{
				{name: "0", client: "a", hold: 3 * s},
				{name: "1", client: "a", hold: s},
				{name: "2", client: "b", at: 500 * ms, hold: s, leaves: s},
				{name: "3", client: "b", at: 1500 * ms, hold: s},
			},
			map[string]string{"1": ErrWaited.Error(), "2": "context canceled", "3": "1.5s"},
		},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, play(t, c.config, c.queries), c.want) })
	}
}
