package daypass

import (
	"net/http"

	"github.com/daypass/daypass/pkg/internal/httpclient"
	"github.com/daypass/daypass/pkg/profile"
)

// httpClient serves the IdP and AWS alike. warn, which may be nil, is told if another user can change the CA bundle.
func httpClient(p profile.Profile, step func(string), warn func(error)) *http.Client {
	return httpclient.New(httpclient.Options{CABundle: p.CABundle, Step: step, ReadFile: func(name string, limit int64) ([]byte, error) {
		text, exposed, err := profile.ReadTrusted(name, limit)
		if exposed != nil && warn != nil {
			warn(exposed)
		}
		return text, err
	}})
}
