# mockpos exec --audit error -- rspec checkout_spec.rb
require ENV.fetch("CHECKOUT", "./checkout_faraday")
require "net/http"
require "securerandom"

RSpec.describe Checkout do
  let(:key) { "test-#{SecureRandom.hex(4)}" } # its first call makes a sandbox: a world of this example's own
  let(:checkout) { Checkout.new(ENV.fetch("MOCKPOS_URL"), key) }

  def mockpos(method, path, body = nil)
    uri = URI(ENV.fetch("MOCKPOS_CONTROL_URL") + path)
    headers = { "X-API-Key" => key, "Content-Type" => "application/json" }
    answer = Net::HTTP.start(uri.host, uri.port) { |http| http.send_request(method, uri.request_uri, body&.to_json, headers) }
    JSON.parse(answer.body)
  end

  def misbehave(on, **how)
    rule = { id: "once", on: on, times: 1, **how }
    mockpos("PUT", "/scenario", scenario: { name: "bad-day", rules: [rule] })
  end

  def codes = mockpos("GET", "/requests")["requests"].map { |call| call["code"] }.reverse

  after { expect(mockpos("GET", "/audit")["findings"]).to eq [] }

  it "buys two tickets" do
    sold = checkout.buy("TG-1042", 2, global_id: "g-1", order_id: "o-1")
    expect(sold).to include("status" => "invoiced", "seats" => %w[5 6])
  end

  it "holds tickets once, however often it is asked" do
    2.times { checkout.hold("TG-1042", 2, global_id: "g-1") }
    expect(mockpos("GET", "/listings/TG-1042")).to include("held" => 2)
    checkout.release("g-1")
  end

  it "does not repeat a refusal that is final" do
    expect { checkout.buy("MOCK-LISTING_SOLD_OUT", 2, global_id: "g-1", order_id: "o-1") }
      .to raise_error(Checkout::Refused, "listing_sold_out")
    expect(codes).to eq %w[listing_sold_out]
  end

  it "does not repeat a call that is wrong" do
    expect { checkout.hold("TG-1042", 0, global_id: "g-1") }.to raise_error(Checkout::Refused, "validation_failed")
    expect(codes).to eq %w[validation_failed]
  end

  it "asks a busy automator again" do
    misbehave("hold", respond: "pos_unavailable")
    checkout.buy("TG-1042", 2, global_id: "g-1", order_id: "o-1")
    expect(codes).to eq %w[pos_unavailable held invoiced]
  end

  it "repeats a hold whose answer was lost, with the same Global ID" do
    misbehave("hold", fault: "reset", phase: "after_commit")
    held = checkout.hold("TG-1042", 2, global_id: "g-1")
    expect(held).to include("status" => "held", "replayed" => true)
    checkout.release("g-1")
  end

  it "repeats an invoice of which nobody knows what became" do
    misbehave("invoice", respond: "pos_timeout", phase: "after_commit")
    sold = checkout.buy("TG-1042", 2, global_id: "g-1", order_id: "o-1")
    expect(sold).to include("status" => "invoiced", "replayed" => true)
  end

  it "releases the tickets when the invoice is refused" do
    misbehave("invoice", respond: "invoice_rejected")
    expect { checkout.buy("TG-1042", 2, global_id: "g-1", order_id: "o-1") }
      .to raise_error(Checkout::Refused, "invoice_rejected")
    expect(codes).to eq %w[held invoice_rejected released]
  end

  it "releases the tickets when there is no order" do
    checkout.hold("TG-1042", 2, global_id: "g-1")
    expect(checkout.release("g-1")).to include("status" => "released")
  end

  it "loses its tickets when it takes too long" do
    checkout.hold("TG-1042", 2, global_id: "g-1")
    expect(mockpos("POST", "/clock", advance: "20m")["expired"]).to match [include("global_id" => "g-1")]
    checkout.release("g-1")
  end
end
