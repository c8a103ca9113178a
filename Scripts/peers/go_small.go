// SPDX-License-Identifier: MIT
// fetchpool
//
// Small responses with net/http: one Client, 64 goroutines.
// usage: go_small LIST COUNT
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const atATime = 64

// fetchAll fetches the URLs and returns the number of responses with status 200.
func fetchAll(client *http.Client, urls []string) int64 {
	var good int64
	var wait sync.WaitGroup
	left := make(chan string, atATime)
	for i := 0; i < atATime; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for url := range left {
				response, err := client.Get(url)
				if err != nil {
					continue
				}
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if err == nil && response.StatusCode == http.StatusOK {
					atomic.AddInt64(&good, 1)
				}
			}
		}()
	}
	for _, url := range urls {
		left <- url
	}
	close(left)
	wait.Wait()
	return good
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	list, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var urls []string
	for lines := bufio.NewScanner(list); len(urls) < count && lines.Scan(); {
		urls = append(urls, lines.Text())
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = atATime
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	fetchAll(client, urls[:min(len(urls), 2*atATime)])
	begin := time.Now()
	good := fetchAll(client, urls)
	seconds := time.Since(begin).Seconds()
	json.NewEncoder(os.Stdout).Encode(map[string]any{"items": len(urls), "ok": good, "seconds": seconds})
}

// min is for Go before 1.21, which has no built-in min.
func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
