/**
 * What the report's page does beyond showing: filters, sorting, opening a deployment of a large estate, copying, reading a block of
 * the address strip out. Without it everything can be read.
 */
import { pageRows } from './list.ts';
import { verdictOrder, verdictWords } from './words.ts';

const details = `
const make=(tag,props={},...children)=>{const made=Object.assign(document.createElement(tag),props);made.append(...children);return made};
const short=(n)=>n>=1e6?(n/1e6).toFixed(1)+' M':n.toLocaleString('en-US');
function addCopying(root){
  for(const pre of root.querySelectorAll('pre')){
    const button=make('button',{type:'button',className:'copy',textContent:'Copy'});
    button.addEventListener('click',async()=>{
      try{await navigator.clipboard.writeText(pre.textContent);button.textContent='Copied'}
      catch{getSelection().selectAllChildren(pre);button.textContent='Selected: press Ctrl+C'}
    });
    pre.before(button);
  }
}
function blockReader(figure){
  const shape=document.querySelector(figure.querySelector('use').getAttribute('href')+'>[data-blocks]');
  const ways=[...figure.querySelectorAll('.legend span')].map((each)=>each.textContent);
  const blocks=Array(256).fill([[0]]);
  for(const text of shape.dataset.blocks.split(' ').filter(Boolean)){
    const [range,via]=text.split('='),[first,last=first]=range.split('-').map((each)=>parseInt(each,36));
    const shares=via.split(',').map((each)=>each.split(':').map((part)=>parseInt(part,36)));
    for(let block=first;block<=last;block++)blocks[block]=shares;
  }
  return (block)=>block+'.0.0.0/8: '+blocks[block].map(([way,count])=>ways[way]+(count===undefined?'':' '+short(count))).join('; ');
}
function addReading(figure){
  const read=blockReader(figure),picture=figure.querySelector('svg');
  const slider=make('input',{type:'range',min:0,max:255,value:0,ariaLabel:'Block of addresses to read out'}),text=make('output');
  const show=()=>{text.textContent=read(Number(slider.value));slider.ariaValueText=text.textContent};
  slider.addEventListener('input',show);
  picture.addEventListener('pointermove',(event)=>{
    const {left,width}=picture.getBoundingClientRect();
    slider.value=Math.min(255,Math.floor((event.clientX-left)/width*256));
    show();
  });
  show();
  picture.after(slider,text);
}
function addLinks(root){
  for(const finding of root.querySelectorAll('.finding')){
    const id=finding.querySelector('code'),link=make('a',{href:'#'+finding.id});
    id.replaceWith(link);
    link.append(id);
  }
}
function enhance(root){
  addLinks(root);
  addCopying(root);
  for(const figure of root.querySelectorAll('figure.strip'))addReading(figure);
}
`;

const list = `
const holders=[...document.querySelectorAll('#details>[data-key]')];
const rows=holders.map((holder)=>({holder,key:holder.dataset.key,data:holder.dataset.row.split('\\t')}));
const byKey=new Map(rows.map((row)=>[row.key,row]));
const isLazy=holders[0]?.tagName==='NOSCRIPT';
const opened=make('div',{id:'opened'});
const words=${JSON.stringify(verdictWords)},order=${JSON.stringify(verdictOrder)};
const filters=document.querySelector('.filters'),table=document.querySelector('#list'),more=document.querySelector('#more');
const field=(name)=>document.querySelector('[name='+name+']');
const collator=new Intl.Collator('en',{numeric:true});
let shown=rows,room=${pageRows};
function open(key){
  if(!isLazy||opened.dataset.key===key)return;
  const template=document.createElement('template');
  template.innerHTML=byKey.get(key).holder.textContent;
  opened.replaceChildren(template.content);
  opened.dataset.key=key;
  enhance(opened);
}
function line({key,data:[verdict,name,region,tunnel,failing,gravest]}){
  const cell=(...children)=>make('td',{},...children);
  const number=cell(failing);
  number.className='number';
  return make('tr',{},cell(make('span',{className:'chip '+verdict,textContent:words[verdict]})),cell(make('a',{href:'#'+key,textContent:name})),cell(region),cell(tunnel),number,cell(gravest));
}
function draw(){
  table.tBodies[0].replaceChildren(...shown.slice(0,room).map(line));
  more.hidden=shown.length<=room;
  field('shown').textContent=shown.length.toLocaleString('en-US')+' of '+rows.length.toLocaleString('en-US')+' deployments';
}
function filter(){
  const text=field('text').value.trim().toLowerCase(),verdict=field('verdict').value,requirement=field('requirement').value;
  const fits=({data})=>(!text||(data[1]+' '+data[2]+' '+data[6]).toLowerCase().includes(text))&&(!verdict||data[0]===verdict)&&(!requirement||data[7].split(' ').includes(requirement));
  shown=rows.filter(fits);
  if(!isLazy){const left=new Set(shown);for(const row of rows)row.holder.hidden=!left.has(row)}
  room=${pageRows};
  draw();
}
function sortBy(head){
  const index=head.cellIndex,down=head.ariaSort==='ascending';
  for(const other of head.parentNode.cells)other.ariaSort=null;
  head.ariaSort=down?'descending':'ascending';
  const value=({data})=>index===0?order.indexOf(data[0]):data[index];
  rows.sort((a,b)=>index===0||index===4?value(a)-value(b):collator.compare(value(a),value(b)));
  if(down)rows.reverse();
  filter();
}
function follow(){
  const hash=decodeURIComponent(location.hash.slice(1)),key=hash.split('--')[0],row=byKey.get(key);
  if(!row)return;
  row.holder.hidden=false;
  open(key);
  const target=document.getElementById(hash)??document.getElementById(key);
  target.tabIndex=-1;
  target.focus({preventScroll:true});
  target.scrollIntoView();
}
if(isLazy){
  document.querySelector('#details').before(make('h2',{textContent:'The deployment chosen above'}),opened);
  open(rows[0].key);
}
if(table){
  filters.hidden=false;
  for(const name of ['text','verdict','requirement'])field(name).addEventListener('input',filter);
  field('reset').addEventListener('click',()=>{for(const name of ['text','verdict','requirement'])field(name).value='';filter()});
  more.addEventListener('click',()=>{room+=${pageRows};draw()});
  for(const head of table.tHead.rows[0].cells){
    const button=make('button',{type:'button',textContent:head.textContent});
    button.addEventListener('click',()=>sortBy(head));
    head.replaceChildren(button);
  }
  for(const choice of document.querySelectorAll('[data-filter]')){
    const button=make('button',{type:'button',className:'plain',textContent:choice.textContent});
    button.addEventListener('click',()=>{
      field(choice.dataset.filter).value=choice.dataset.value;
      filter();
      document.querySelector('#deployments').scrollIntoView();
    });
    choice.replaceChildren(button);
  }
  more.hidden=rows.length<=room;
  field('shown').textContent=rows.length.toLocaleString('en-US')+' deployments';
}
enhance(document);
addEventListener('hashchange',follow);
follow();
`;

export const script = details + list;
