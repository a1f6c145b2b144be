package main

import "context"

// step is one part of a run.
type step struct {
	name    string
	wanted  bool
	measure func() error
}

// steps are the parts of a run, in their order.
func (r *results) steps(ctx context.Context, w *workshop, say func(string)) []step {
	p := r.plan
	return []step{
		{"the guard", p.wants(guardPart), func() error { return r.measureGuards(ctx, w) }},
		{"the perimeter", p.wants(perimeterPart), func() (err error) {
			r.perimeter, err = measurePerimeter(ctx, w, p)
			return err
		}},
		{"the protections in one chain", p.wants(chainsPart), func() (err error) {
			r.chains, err = measureChains(ctx, p)
			return err
		}},
		{"a flood of addresses", p.wants(addressesPart), func() (err error) {
			r.addresses, err = measureAddresses(ctx, p.millions)
			return err
		}},
		{"both servers", len(p.wanted(loads)) > 0, func() error { return r.compare(ctx, w, say) }},
		{"memory", p.wants(memoryPart), func() error { return r.measureBoth(ctx, w) }},
		{"streams", len(p.wantedStreams()) > 0, func() error { return r.measureStreams(ctx, w, say) }},
		{"PostgreSQL", len(p.wanted(postgresLoads)) > 0, func() error { return r.measurePostgres(ctx, w, say) }},
	}
}
