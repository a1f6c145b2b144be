package config

import (
	"net"
	"net/netip"
	"strconv"
)

// address is a listening address, taken apart.
type address struct {
	host, port string
	loopback   bool
}

// addressPattern is the rough form for the JSON Schema, loopbackPattern what in it is surely loopback.
const (
	addressPattern  = `^(localhost|[0-9.]*|\[[0-9A-Fa-f:.]+(%[0-9A-Za-z._-]+)?\]):[0-9]{1,5}$`
	loopbackPattern = `^(localhost|127\.[0-9.]+|\[::1\]):[0-9]{1,5}$`
)

// parseAddress reads host:port. It takes no names but localhost: what another name resolves to may change, and with it
// who can reach the server.
func parseAddress(text string) (address, string) {
	if text == "" {
		return address{}, "it is empty"
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return address{}, strconv.Quote(clip(text)) + " is not an address with a port"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || len(port) > 5 {
		return address{}, strconv.Quote(clip(port)) + " is not a port from 0 to 65535"
	}
	a := address{host: host, port: port}
	switch host {
	case "localhost": // loopback by RFC 6761, 6.3
		a.loopback = true
		return a, ""
	case "": // every address of the machine
		return a, ""
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return address{}, strconv.Quote(clip(host)) + " is not an IP address (and ${NAME} is not substituted here)"
	}
	a.loopback = ip.Unmap().IsLoopback()
	return a, ""
}
