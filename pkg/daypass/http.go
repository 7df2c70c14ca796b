package daypass

import (
	"net/http"

	"github.com/daypass/daypass/pkg/httpclient"
	"github.com/daypass/daypass/pkg/profile"
)

// httpClient serves the IdP and AWS alike.
func httpClient(p profile.Profile, step func(string)) *http.Client {
	return httpclient.New(httpclient.Options{CABundle: p.CABundle, ReadFile: profile.ReadFile, Step: step})
}
