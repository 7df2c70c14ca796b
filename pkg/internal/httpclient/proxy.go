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

// ProxyError says that a request failed at the proxy. It does not contain the proxy's user or password.
type ProxyError struct {
	// Proxy is the proxy's host and port.
	Proxy string
	// Status is the HTTP status of the proxy's response, 0 if there was none. Schemes are its authentication schemes.
	Status  int
	Schemes []string
	// Err says why there was no response.
	Err error
}

// Error names the proxy and what happened.
func (e *ProxyError) Error() string {
	if e.Status == 0 {
		return "proxy " + e.Proxy + ": " + e.Err.Error()
	}
	return strings.TrimSpace(fmt.Sprintf("proxy %s answered %d %s", e.Proxy, e.Status, http.StatusText(e.Status)))
}

// Unwrap returns Err.
func (e *ProxyError) Unwrap() error { return e.Err }

// RetryableError tells the AWS SDK whether to retry the request.
func (e *ProxyError) RetryableError() bool {
	dial, ok := errors.AsType[*net.OpError](e.Err)
	return e.Status >= http.StatusInternalServerError || ok && dial.Op == "dial"
}

// connected returns an error unless the proxy answered CONNECT with 200. It is a Transport's OnProxyConnectResponse: the
// error of net/http itself does not say that it comes from the proxy.
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

// refusedByProxy returns an error if the response to a request without a tunnel is a proxy's refusal. Only a proxy answers
// 407. The other statuses can come from the server: they are taken for the proxy's if the response is a web page, because
// daypass calls APIs that return JSON or XML.
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

// throughProxy names the proxy in the error if the proxy could not be reached.
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

// ProxyVariableError says that a variable's value is not the URL of a proxy. It does not contain the value, which may have
// a password in it.
type ProxyVariableError struct{ Variable, Problem string }

// Error returns the variable and the problem.
func (e *ProxyVariableError) Error() string { return e.Variable + " " + e.Problem }

// checkProxyVariable checks the variable that http.ProxyFromEnvironment reads for the target. That function ignores a value
// that it cannot parse, and takes part of a password for the host if the password contains "#". NO_PROXY is not read.
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

// proxySchemes are the schemes that net/http supports.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// proxyProblem says what is wrong with a proxy's URL, or returns "". The scheme is optional.
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
