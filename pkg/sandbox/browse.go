package sandbox

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
)

// Browse opens a URL as a person's browser does: it keeps cookies and follows redirects. It returns
// the page at the end and its status. client may be nil; its own jar, if it has one, is used.
func Browse(ctx context.Context, client *http.Client, url string) (page string, status int, err error) {
	browser := http.Client{}
	if client != nil {
		browser = *client
	}
	if browser.Jar == nil {
		if browser.Jar, err = cookiejar.New(nil); err != nil {
			return "", 0, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", 0, err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxForm))
	return string(body), resp.StatusCode, err
}
