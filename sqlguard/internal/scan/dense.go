package scan

// Dense is the length of a text in bytes with one blank between its tokens,
// however many there were.
func Dense(tokens []Token) int {
	length := max(len(tokens)-1, 0)
	for _, t := range tokens {
		length += len(t.Text)
	}
	return length
}
