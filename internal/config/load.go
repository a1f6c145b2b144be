package config

// Load decodes, substitutes, fills and validates. Its error has the mistakes of all these steps; what settings mean
// together is judged once each of them could be read by itself.
func Load(data []byte, lookup Lookup, facts Facts) (Config, error) {
	file, wrong := decode(data)
	if file == nil {
		return Config{}, wrong.err()
	}
	cfg := file.fill(lookup, wrong)
	unread := wrong.any()
	v := validator{cfg: cfg, facts: facts, wrong: wrong, given: unread}
	v.each()
	if !wrong.any() {
		v.together()
	}
	if wrong.any() {
		return Config{}, wrong.err()
	}
	return cfg, nil
}
