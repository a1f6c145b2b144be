package cors

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// sharedHosting are domains under which strangers get subdomains for their own
// pages, and which the public suffix list in golang.org/x/net (2026-02-06) does
// not have. Only what serves a stranger's scripts belongs here. It is
// perishable: read it again, beside the list, when golang.org/x/net is updated.
// Last read 2026-11.
//
// "*." stands for one label, as in the public suffix list: a region or a cluster.
var sharedHosting = []string{
	// Sites and applications.
	"anvil.app",
	"*.azurecontainerapps.io",
	"edgeone.app",
	"glitch.me",
	"kinsta.app",
	"kinsta.page",
	"koyeb.app",
	"modal.run",
	"neocities.org",
	"sevalla.app",
	"sevalla.page",
	"softr.app",
	"surge.sh",
	"tiiny.site",
	"weebly.com",
	"wordpress.com",
	"wpcomstaging.com",
	// Workspaces and previews.
	"app.github.dev",
	"cdpn.io",
	"*.cloudworkstations.dev",
	"*.devtunnels.ms",
	"*.gitpod.io",
	"googleusercontent.com",
	"stackblitz.io",
	"webcontainer.io",
	// Tunnels to whatever runs on somebody's own machine.
	"a.pinggy.link",
	"gradio.live",
	"lhr.life",
	"loca.lt",
	"netlify.live",
	"serveo.net",
	"share.zrok.io",
	// Names that resolve to whatever address is written into them.
	"nip.io",
	"sslip.io",
	"traefik.me",
	// Free web space.
	"epizy.com",
	"great-site.net",
	"hostingersite.com",
	"infinityfreeapp.com",
	"rf.gd",
	// In the public suffix list, and here for what is above them: a pattern for
	// railway.app would span everybody's up.railway.app. The list cannot be
	// asked what is below a domain; suffixBelow sees to those not named here.
	"blob.core.windows.net",
	"*.cloudapp.azure.com",
	"lambda-url.us-east-1.on.aws",
	"s3.amazonaws.com",
	"up.railway.app",
}

// strangers says why subdomains of base may belong to strangers, or nothing.
func strangers(base string) string {
	if !strings.Contains(base, ".") {
		return "spans a whole top-level domain"
	}
	if suffix, _ := publicsuffix.PublicSuffix(base); suffix == base {
		return "spans the public suffix " + base + ", under which anybody can have a domain"
	}
	// A wildcard rule such as *.digitaloceanspaces.com makes any label one.
	if suffixBelow("any.any."+base, base) {
		return "spans the public suffixes below " + base + ", under which anybody can have a domain"
	}
	for _, shared := range sharedHosting {
		name, wildcard := strings.CutPrefix(shared, "*.")
		label, below := strings.CutSuffix(base, "."+name)
		if name == base || strings.HasSuffix(name, "."+base) || wildcard && below && !strings.Contains(label, ".") {
			return "spans " + name + ", under which anybody can have a page"
		}
	}
	return ""
}

// suffixBelow reports whether host, a subdomain of base, has a public suffix
// that is longer than base: then host is not of base's owner but of whoever got
// a name there, as bucket.s3.amazonaws.com is not Amazon's.
func suffixBelow(host, base string) bool {
	suffix, _ := publicsuffix.PublicSuffix(host)
	return len(suffix) >= len(base)
}
