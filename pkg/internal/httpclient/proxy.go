package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/internal/weburl"
)

// ProxyError is a request that ended at the proxy. It never has the proxy's user or password.
type ProxyError struct {
	// Proxy is the proxy's host and port.
	Proxy string
	// Status is that of the proxy's answer, 0 where none came, and Schemes the authentication schemes in it.
	Status  int
	Schemes []string
	// Err is why no answer came.
	Err error
}

// Error names the proxy and what happened.
func (e *ProxyError) Error() string {
	if e.Status == 0 {
		return "proxy " + e.Proxy + ": " + e.Err.Error()
	}
	return strings.TrimSpace(fmt.Sprintf("proxy %s answered %d %s", e.Proxy, e.Status, http.StatusText(e.Status)))
}

// Unwrap returns why no answer came.
func (e *ProxyError) Unwrap() error { return e.Err }

// RetryableError tells the AWS SDK whether to try again.
func (e *ProxyError) RetryableError() bool {
	dial, ok := errors.AsType[*net.OpError](e.Err)
	return e.Status >= http.StatusInternalServerError || ok && dial.Op == "dial"
}

// connected refuses what a proxy answered to CONNECT unless it is 200. It is a Transport's
// OnProxyConnectResponse; net/http alone would say «Forbidden», whoever did.
func connected(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return answeredByProxy(proxy, answer)
}

func answeredByProxy(proxy *url.URL, answer *http.Response) *ProxyError {
	e := &ProxyError{Proxy: proxy.Host, Status: answer.StatusCode}
	for _, challenge := range answer.Header.Values("Proxy-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		e.Schemes = append(e.Schemes, scheme)
	}
	return e
}

// refusedByProxy finds a proxy's refusal in answer to a request that was not made through a tunnel. Only a
// proxy answers 407. The others could be the server's: those that are a web page are taken for the proxy's, for
// what daypass asks answers in JSON or XML.
func (t *transport) refusedByProxy(request *http.Request, answer *http.Response) error {
	if request.URL.Scheme != "http" {
		return nil
	}
	proxy, err := t.proxy(request)
	if err != nil || proxy == nil {
		return nil
	}
	page := strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html")
	gateway := []int{http.StatusForbidden, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	if answer.StatusCode != http.StatusProxyAuthRequired && !(page && slices.Contains(gateway, answer.StatusCode)) {
		return nil
	}
	answer.Body.Close()
	return answeredByProxy(proxy, answer)
}

// throughProxy names the proxy in an error of the way to it.
func (t *transport) throughProxy(request *http.Request, err error) error {
	failed, ok := errors.AsType[*net.OpError](err)
	if !ok || failed.Op != "proxyconnect" {
		return err
	}
	if proxy, e := t.proxy(request); e == nil && proxy != nil {
		return &ProxyError{Proxy: proxy.Host, Err: failed.Err}
	}
	return err
}

// ProxyVariableError is a variable whose value is not a proxy's URL. It never has the value: there may be a
// password in it.
type ProxyVariableError struct{ Variable, Problem string }

// Error names the variable.
func (e *ProxyVariableError) Error() string { return e.Variable + " " + e.Problem }

// checkProxyVariable looks at the variable that http.ProxyFromEnvironment takes for such a URL. That function
// ignores a value that it cannot parse, and takes part of a password for the host where the password has a # in it.
// The check comes before NO_PROXY, which it does not read.
func checkProxyVariable(target *url.URL, getenv func(string) string) error {
	if host := target.Hostname(); weburl.IsLoopback(host) && host == strings.ToLower(host) {
		return nil // net/http uses no proxy for it, and knows localhost in lower case only
	}
	name := strings.ToUpper(target.Scheme) + "_PROXY"
	lower := strings.ToLower(name)
	value := getenv(name)
	if value == "" {
		name, value = lower, getenv(lower)
	}
	if problem := proxyProblem(value); value != "" && problem != "" {
		return &ProxyVariableError{name, problem}
	}
	return nil
}

// proxySchemes are those that net/http knows.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// proxyProblem says what is wrong with a proxy's URL, or returns "". Its scheme may be missing.
func proxyProblem(value string) string {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "":
	case strings.Contains(u.Path+u.RawQuery+u.Fragment, "@"): // the password ended the host
	case !slices.Contains(proxySchemes, u.Scheme):
		return "does not begin with one of " + strings.Join(proxySchemes, "://, ") + "://"
	default:
		return ""
	}
	if strings.Contains(value, "@") {
		return "is not the URL of a proxy: in its user name and password, % must be written %25, # %23, / %2F and ? %3F"
	}
	return "is not the URL of a proxy"
}
